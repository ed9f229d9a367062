//! Definition of the enum of metrics.

/// Defines the enum of metrics, in the order of tables, with an entry for each.
macro_rules! metrics {
    ($($(#[doc = $doc:literal])* $metric:ident => $entry:expr,)*) => {
        /// Number measured on one inverse.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Metric {
            $($(#[doc = $doc])* $metric,)*
        }

        impl Metric {
            /// All metrics, in the order of tables.
            pub const ALL: [Self; [$(Self::$metric),*].len()] = [$(Self::$metric),*];

            /// Returns the comment of its entry, which defines it.
            fn comment(self) -> &'static str {
                match self {
                    $(Self::$metric => concat!($($doc),*),)*
                }
            }

            fn entry(self) -> MetricEntry {
                match self {
                    $(Self::$metric => $entry,)*
                }
            }
        }
    };
}
