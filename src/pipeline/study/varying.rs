//! Report of what varies between the replicates of a study.

use super::report::StudyReport;
use crate::pipeline::event::{Emit, Event};

impl StudyReport<'_> {
    /// Reports, for members with several replicates, how many they are and what varies
    /// between them. Members with the same answer share a line.
    pub(super) fn report_varying(&self, emit: Emit<'_>) {
        let mut groups: Vec<(String, Vec<String>)> = Vec::new();
        for (member, own) in self.study.members.iter().zip(&self.members) {
            let Some(varies) = own.varies(member) else {
                continue;
            };
            let text = format!("{} replicates; what varies: {varies}", own.replicates.len());
            match groups.iter_mut().find(|(known, _)| *known == text) {
                Some((_, labels)) => labels.push(member.label()),
                None => groups.push((text, vec![member.label()])),
            }
        }
        for (text, labels) in groups {
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
