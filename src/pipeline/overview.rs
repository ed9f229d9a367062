//! What all replicates and members of a study say together: tables of means,
//! differences and limits, comparisons, and the figures of them.

use std::fmt::Write;
use std::path::PathBuf;

use super::context::Context;
use super::error::RunError;
use super::event::Event;
use super::experiment::{Experiment, Study};
use super::ledger;
use super::make;
use super::manifest::{self, study_manifest};
use super::products::{Products, Replicate};
use super::run::{SUMMARY, logged, open, publish};
use super::stage::{Stage, Stages, study_figure};
use super::study_drawing;
use super::workbench::Workbench;
use crate::digest::sha256;
use crate::escape::{link, markdown};
use crate::io;
use crate::report::{
    self, DataUsed, Judged, PairReading, Reading, Results, SummaryRow, compare,
    comparison_markdown, limit_rows, method_differences, pair_rows, pairs_markdown, summary,
};
use crate::store::{MANIFEST, StudyManifest};
use crate::table::to_csv;

/// Where the page about a comparison stands: beside its folder.
pub fn page_of(study: &Study, context: &Context) -> PathBuf {
    context.out.join(format!("{}.md", study.name))
}

/// Holds that the summary of a study could be put in its place.
///
/// # Errors
/// If something else is there, or it cannot be written to.
pub fn check_place(
    study: &Study,
    context: &Context,
    tell: &dyn Fn(Event<'_>),
) -> Result<(), RunError> {
    let place = context.out.join(&study.name).join(SUMMARY);
    drop(open(context, &place, tell)?);
    let page = page_of(study, context);
    if study.compare.is_some() && page.is_dir() {
        return Err(RunError::InTheWay(page));
    }
    Ok(())
}

/// A study with all of its replicates.
pub struct Overview<'a> {
    pub study: &'a Study,
    pub context: &'a Context,
    /// With the position of the member each belongs to.
    pub replicates: &'a [(usize, &'a Replicate)],
}

/// What is written of a study.
pub struct Written {
    /// The files of its summary folder.
    pub products: Products,
    /// The page about it, if it is a comparison.
    pub page: Option<Vec<u8>>,
    /// What became of the claims.
    pub judged: Vec<Judged>,
    /// How many figures were not in the store.
    made: usize,
}

impl Overview<'_> {
    /// Puts the summary of the study in place, with a log beside it, and gives
    /// what became of its claims.
    ///
    /// # Errors
    /// If a figure cannot be drawn, or results cannot be written.
    pub fn run(&self, on_event: &dyn Fn(Event<'_>)) -> Result<Vec<Judged>, RunError> {
        let parent = self.context.out.join(&self.study.name);
        logged(&parent, SUMMARY, on_event, |tell| {
            let mut usage = self.context.store.usage()?;
            let stages = self.stages();
            usage.add(stages.iter().map(|stage| &stage.key))?;
            let written = self.written(tell)?;
            let place = parent.join(SUMMARY);
            let before = StudyManifest::read(&place)
                .ok()
                .and_then(|manifest| manifest.page);
            publish(
                self.context,
                &place,
                &written.products,
                written.made == 0,
                tell,
            )?;
            if let Some(page) = &written.page {
                self.put_page(page, before.as_deref(), tell)?;
            }
            Ok(written.judged)
        })
    }

    /// Writes the page, and tells if what was there is none of ours.
    fn put_page(
        &self,
        page: &[u8],
        before: Option<&str>,
        tell: &dyn Fn(Event<'_>),
    ) -> Result<(), RunError> {
        let path = page_of(self.study, self.context);
        let there = io::read(&path).ok();
        if there.as_deref() == Some(page) {
            tell(Event::UpToDate(&path));
            return Ok(());
        }
        let digest = there.map(|there| sha256([&there[..]]));
        if digest.is_some() && digest.as_deref() != before {
            let fault = "altered";
            tell(Event::Damaged { path: &path, fault });
        }
        io::write_atomic(&path, page)?;
        tell(Event::Finished(&path));
        Ok(())
    }

    fn stages(&self) -> Vec<Stage> {
        let of: Vec<(usize, u64, &Stages)> = self
            .replicates
            .iter()
            .map(|(member, replicate)| (*member, replicate.seed, &replicate.stages))
            .collect();
        let figures = self.study.figures.iter();
        figures
            .map(|figure| study_figure(self.study, figure, &of))
            .collect()
    }

    /// All files, figures from the store or newly drawn.
    ///
    /// # Errors
    /// If a figure cannot be drawn or something does not fit into its format.
    pub fn written(&self, tell: &dyn Fn(Event<'_>)) -> Result<Written, RunError> {
        let members = self.results()?;
        let rows: Vec<SummaryRow> = members.iter().flat_map(summary).collect();
        let mut products = self.tables(&members, &rows)?;
        let results: Vec<_> = members.iter().map(Ok).collect();
        let judged = ledger::judge(self.study, &results);
        if !judged.is_empty() {
            products.insert("claims.csv".to_owned(), report::ledger::csv(&judged)?);
        }
        let folder = self.study.members.first().map(|first| first.folder.clone());
        let folder = folder.unwrap_or_default();
        let mut bench = Workbench::new(self.context, &folder, tell);
        for (_, replicate) in self.replicates {
            bench.know(&replicate.records);
        }
        for (figure, stage) in self.study.figures.iter().zip(self.stages()) {
            let drawing = bench.get(&stage, make::read_drawing, |_| {
                let name = &figure.name;
                let on_blank = |reason: &str| tell(Event::BlankFigure { name, reason });
                let drawing = study_drawing::draw(self, figure, &rows, on_blank);
                let failed = |source| RunError::Figure(figure.name.clone(), source);
                Ok(make::drawing(drawing.map_err(failed)?))
            })?;
            products.insert(format!("figures/{}.png", figure.name), drawing.png);
            products.insert(format!("figures/{}.svg", figure.name), drawing.svg);
        }
        let (records, made) = bench.finish();
        let page = self
            .study
            .compare
            .as_ref()
            .map(|_| self.text(&members, &judged));
        let page = page.map(String::into_bytes);
        let manifest = StudyManifest {
            page: page.as_ref().map(|page| sha256([&page[..]])),
            ..study_manifest(self.study, self.replicates, &records, &products)
        };
        products.insert(MANIFEST.to_owned(), manifest.to_bytes()?);
        Ok(Written {
            products,
            page,
            judged,
            made,
        })
    }

    /// The results of each member, as if read from its folder.
    fn results(&self) -> Result<Vec<Results>, RunError> {
        let members = self.study.members.iter().enumerate();
        members
            .map(|(index, member)| self.result(index, member))
            .collect()
    }

    fn result(&self, index: usize, member: &Experiment) -> Result<Results, RunError> {
        let own: Vec<&Replicate> = self
            .replicates
            .iter()
            .filter(|(of, _)| *of == index)
            .map(|(_, replicate)| *replicate)
            .collect();
        let mut replicates = Vec::new();
        for replicate in &own {
            let network = replicate.network.iter();
            let network = network.map(|row| Reading::of_network(row.metric, row.value, row.unit));
            let layers = replicate.trained.layer_rows.iter();
            let layers = layers.cloned().map(Reading::from);
            let inverses = replicate
                .metric_rows(member)
                .into_iter()
                .map(|row| Reading {
                    inversion: row.inversion,
                    parameter: row.parameter,
                    setting: row.setting,
                    metric: row.metric.to_owned(),
                    class: Some(row.class),
                    value: row.value,
                    unit: row.unit.to_owned(),
                });
            let log = &replicate.trained.history;
            // Only claims ask for them.
            let pairs = if self.study.claims.is_empty() {
                Vec::new()
            } else {
                replicate.overlaps(member)
            };
            let pairs = pairs.into_iter().map(|row| PairReading {
                a: row.a,
                b: row.b,
                class: row.class,
                overlap: row.overlap,
                correlation: row.correlation,
            });
            let readings = network.chain(layers).chain(inverses);
            let readings = readings.collect();
            let seed = replicate.seed;
            replicates.push(report::Replicate::new(
                seed,
                log,
                readings,
                pairs.collect(),
            )?);
        }
        let data = own.first().map(|replicate| DataUsed {
            source: replicate.data.source.clone(),
            stand_in_for: replicate.data.stand_in_for.clone(),
            sha256: replicate.data.sha256.clone(),
        });
        Ok(Results {
            name: member.name.clone(),
            spec: manifest::spec(member, 0)?,
            data,
            device: self.context.device_of(member).name().to_owned(),
            replicates,
        })
    }

    fn tables(&self, members: &[Results], rows: &[SummaryRow]) -> Result<Products, RunError> {
        let mut tables = Products::from([("summary.csv".to_owned(), to_csv(rows)?)]);
        let mut add = |name: String, table: Vec<u8>| {
            // A table without rows has not even a header.
            if !table.is_empty() {
                tables.insert(name, table);
            }
        };
        let differences: Vec<_> = members.iter().flat_map(method_differences).collect();
        add("differences.csv".to_owned(), to_csv(&differences)?);
        let limits = members.iter().zip(&self.study.members);
        let limits = limits.flat_map(|(results, member)| limit_rows(results, &member.spec.limits));
        add(
            "limits.csv".to_owned(),
            to_csv(&limits.collect::<Vec<_>>())?,
        );
        if let Some(wanted) = &self.study.compare {
            add("pairs.csv".to_owned(), to_csv(&pair_rows(wanted, members))?);
            for (name, comparison) in self.comparisons(members) {
                add(format!("{name}.csv"), comparison.csv()?);
            }
        }
        Ok(tables)
    }

    /// The first experiment against each other one, unless pairs of their
    /// settings are compared instead.
    fn comparisons(&self, members: &[Results]) -> Vec<(String, report::Comparison)> {
        let pairs = self
            .study
            .compare
            .as_ref()
            .is_some_and(|wanted| !wanted.pairs.is_empty());
        let Some((first, others)) = members.split_first().filter(|_| !pairs) else {
            return Vec::new();
        };
        let labels = self.study.members.iter().skip(1).map(Experiment::label);
        let compared = others.iter().zip(labels);
        // Numbered, as labels that differ may make the same name of a file.
        let name = |place: usize, label: &str| match others.len() {
            1 => "comparison".to_owned(),
            _ => format!("comparison-{place}-{}", label.replace(['/', '.'], "-")),
        };
        (1..)
            .zip(compared)
            .map(|(place, (other, label))| (name(place, &label), compare(first, other)))
            .collect()
    }

    /// The page about a comparison: its figures and tables.
    fn text(&self, members: &[Results], judged: &[Judged]) -> String {
        let mut text = format!("# {}\n\n", markdown(&self.study.title));
        for (index, member) in self.study.members.iter().enumerate() {
            let own = self.replicates.iter().filter(|(of, _)| *of == index);
            let seeds: Vec<String> = own.clone().map(|(_, r)| r.seed.to_string()).collect();
            let data = own
                .map(|(_, replicate)| member.describe(&replicate.data))
                .next();
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "- **{}**: {}; seeds {}; data {}",
                markdown(&member.label()),
                markdown(&member.spec.title),
                seeds.join(" "),
                markdown(&data.unwrap_or_default()),
            );
        }
        text.push('\n');
        let folder = self.study.name.rsplit('/').next().unwrap_or_default();
        if let Some(wanted) = self.study.compare.as_ref().filter(|c| !c.pairs.is_empty()) {
            text.push_str(&pairs_markdown(&pair_rows(wanted, members)));
            text.push('\n');
        }
        for figure in &self.study.figures {
            let caption = markdown(&figure.caption);
            let path = link(&format!("{folder}/{SUMMARY}/figures/{}.png", figure.name));
            let _ = writeln!(text, "![{caption}]({path})\n");
            if !caption.is_empty() {
                let _ = writeln!(text, "*{caption}*\n");
            }
        }
        if !judged.is_empty() {
            text.push_str(&report::ledger::markdown(judged));
            text.push('\n');
        }
        for (_, comparison) in self.comparisons(members) {
            text.push_str(&comparison_markdown(&comparison));
            text.push('\n');
        }
        format!("{}\n", text.trim_end())
    }
}
