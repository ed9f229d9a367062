//! Report of what varies between the replicates of a study.

use super::report::StudyReport;
use crate::grouped::grouped;
use crate::pipeline::event::{Emit, Event};

impl StudyReport<'_> {
    /// Reports, for members with several replicates, how many they are and what varies
    /// between them. Members with the same answer share a line.
    pub(super) fn report_varying(&self, emit: Emit<'_>) {
        let members = self.study.members.iter().zip(&self.members);
        let texts = members.filter_map(|(member, own)| {
            let (varies, count) = (own.varies(member)?, own.replicates.len());
            let text = format!("{count} replicates; what varies: {varies}");
            Some((text, member.label()))
        });
        for (text, labels) in grouped(texts) {
            let is_of_all = labels.len() == self.members.len();
            match &labels[..] {
                _ if is_of_all => emit(Event::Varies(&text)),
                [only] => emit(Event::Varies(&format!("{only}: {text}"))),
                [first, others @ ..] => {
                    let others = others.len();
                    emit(Event::Varies(&format!("{first} and {others} more: {text}")));
                }
                [] => {}
            }
        }
    }
}
