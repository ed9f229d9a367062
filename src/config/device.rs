//! `device`: what to compute on.

use super::form::one_of;
use super::reader::Reader;
use crate::model::DeviceKind;

/// Reads `device`.
pub fn read(root: &Reader<'_>) -> Option<DeviceKind> {
    let kinds = one_of(DeviceKind::ALL.map(|kind| (kind.name(), kind)));
    root.key(
        "device",
        kinds,
        "Device to compute on, unless `--device` sets another",
    )
    .optional()
}
