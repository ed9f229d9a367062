//! Published summaries against those of the reruns.

use std::collections::BTreeMap;

use super::diff::{Comparison, Difference, compare_files_with};
use super::origin::{ComputedOn, is_of_this_machine};
use super::replicate::changed_since;
use super::{Part, Verification, Verified, difference, files};
use crate::io;
use crate::pipeline::error::{RunError, chain};
use crate::pipeline::event::Emit;
use crate::pipeline::experiment::{Experiment, Study};
use crate::pipeline::run::ExperimentRunner;
use crate::pipeline::study::claims;
use crate::pipeline::study::extended::Extension;
use crate::pipeline::study::manifest::summarized;
use crate::pipeline::study::published::{PublishedMember, PublishedReplicate, Wanted};
use crate::pipeline::study::report::{ReportFiles, StudyReport};
use crate::report::{Tables, published_seeds};
use crate::store::{
    LeftOut, MANIFEST, Manifest, Outputs, Published, SUMMARY, StudyManifest, place,
};

impl Verification<'_> {
    /// Computes the published summary again from reruns of its replicates, and compares. A
    /// summary from another machine or device is only compared with its digests. None if no
    /// summary is published.
    ///
    /// # Errors
    /// If the summary cannot be read, or a run fails.
    pub fn summary(&self, on_event: Emit<'_>) -> Result<Option<Verified>, RunError> {
        let folder = self.published.join(&self.study.name).join(SUMMARY);
        if !io::exists(&folder)? {
            return Ok(None);
        }
        let manifest = match StudyManifest::read(&folder) {
            Ok(manifest) => manifest,
            Err(error) => {
                let differences = vec![difference(MANIFEST, chain(&error))];
                return Ok(Some(not_compared(differences)));
            }
        };
        let published = Published::new(&folder, &manifest.outputs);
        let mut differences = files::check(published, |_| false)?.differences;
        differences.extend(self.page_faults(&manifest));
        let study = self.as_summarized(&manifest);
        let origin = ComputedOn::of(&study.members, self.published).with(&manifest.made_by);
        let mut verified = match origin {
            ComputedOn::ThisMachine => self.compared_with_reruns(&study, &manifest, on_event)?,
            ComputedOn::OtherMachine => by_digests(&manifest),
        };
        // One line for each file that was modified, not two.
        let is_named = |found: &Difference| differences.iter().any(|one| one.file == found.file);
        verified.differences.retain(|found| !is_named(found));
        verified.differences.splice(0..0, differences);
        verified
            .differences
            .extend(self.uncovered(&study, &manifest));
        Ok(Some(verified))
    }

    fn compared_with_reruns(
        &self,
        study: &Study,
        manifest: &StudyManifest,
        on_event: Emit<'_>,
    ) -> Result<Verified, RunError> {
        match self.rerun(study, manifest, on_event)? {
            Ok(ComputedOn::ThisMachine) => {}
            Ok(ComputedOn::OtherMachine) => return Ok(by_digests(manifest)),
            Err(what) => return Ok(not_compared(vec![difference(MANIFEST, what)])),
        }
        let report = self.rerun_report(study, manifest)?;
        let comparison = self.compare_summary(manifest, report.written(on_event)?);
        Ok(Verified {
            part: Part::Summary,
            how: "byte for byte: computed again from the reruns".to_owned(),
            compared: comparison.compared.len(),
            skipped: comparison.skipped,
            left_out: Vec::new(),
            differences: comparison.differences,
        })
    }

    /// Returns the study of a published summary, with its overrides if the spec still accepts
    /// them.
    fn as_summarized(&self, manifest: &StudyManifest) -> Study {
        let sets = overrides(manifest);
        let study = Study::load(self.spec, &sets);
        let study = study.ok().filter(|_| !sets.is_empty());
        study.unwrap_or_else(|| self.study.clone())
    }

    /// Returns the study as it was run: that of its published summary, if there is one.
    pub fn study_as_run(&self) -> Study {
        let folder = self.published.join(&self.study.name).join(SUMMARY);
        // A summary that cannot be read is a difference of its own.
        StudyManifest::read(&folder).map_or_else(
            |_| self.study.clone(),
            |manifest| self.as_summarized(&manifest),
        )
    }

    /// Runs the replicates of the summary, and returns the machine of the published ones; or
    /// the reason that they cannot be run.
    fn rerun(
        &self,
        study: &Study,
        manifest: &StudyManifest,
        on_event: Emit<'_>,
    ) -> Result<Result<ComputedOn, String>, RunError> {
        let mut origin = ComputedOn::ThisMachine;
        for member in &study.members {
            let published = published_seeds(&self.published.join(&member.name))?;
            for seed in summarized(manifest, &member.name) {
                let is_published = published.contains(&seed);
                if !is_published && !member.spec.seeds.contains(&seed) {
                    let of = &member.name;
                    return Ok(Err(format!(
                        "is of seed {seed} of {of}, which is not published"
                    )));
                }
                match self.rerun_replicate(member, seed, is_published, on_event)? {
                    Ok(ComputedOn::ThisMachine) => {}
                    Ok(ComputedOn::OtherMachine) => origin = ComputedOn::OtherMachine,
                    Err(what) => return Ok(Err(what)),
                }
            }
        }
        Ok(Ok(origin))
    }

    fn rerun_replicate(
        &self,
        member: &Experiment,
        seed: u64,
        is_published: bool,
        on_event: Emit<'_>,
    ) -> Result<Result<ComputedOn, String>, RunError> {
        let before = Manifest::read(&place(&self.published.join(&member.name), seed));
        let is_same = match &before {
            Ok(before) => changed_since(before, member, seed)?.is_empty(),
            Err(_) => !is_published,
        };
        if !is_same {
            let of = &member.name;
            return Ok(Err(format!(
                "cannot be compared: seed {seed} of {of} is not as the spec and the summary have it"
            )));
        }
        ExperimentRunner::new(member, self.context).run(seed, on_event)?;
        let now = Manifest::read(&place(&self.context.out.join(&member.name), seed))?;
        let is_here = match &before {
            Ok(before) => is_of_this_machine(before, &now),
            // Not published, so the device is that of the spec, as far as is known.
            Err(_) => self.context.device.is_none(),
        };
        Ok(Ok(if is_here {
            ComputedOn::ThisMachine
        } else {
            ComputedOn::OtherMachine
        }))
    }

    /// Loads the reruns of the summary. It names the replicates that it leaves out, which
    /// need not be published with it.
    fn rerun_report<'a>(
        &'a self,
        study: &'a Study,
        manifest: &StudyManifest,
    ) -> Result<StudyReport<'a>, RunError> {
        let member = |member: &Experiment| {
            let seeds = summarized(manifest, &member.name);
            let wanted = Wanted {
                tables: claims::tables(&study.claims),
                seeds: Some(&seeds),
                like: &seeds,
                except: &[],
            };
            let left_out = manifest.left_out.iter();
            let left_out = left_out.filter(|one| one.experiment == member.name);
            Ok(PublishedMember {
                left_out: left_out.cloned().collect(),
                ..PublishedMember::load(member, &self.context.out, wanted)?
            })
        };
        let members: Result<Vec<PublishedMember>, RunError> =
            study.members.iter().map(member).collect();
        // Looks at the published results, which reruns do not repeat.
        let extension = |member: &Experiment| Extension::recorded(manifest, &member.name);
        Ok(StudyReport {
            study,
            context: self.context,
            members: members?,
            extensions: study.members.iter().map(extension).collect(),
        })
    }

    /// Lists published replicates of the sample that the summary does not cover. A comparison
    /// may cover some seeds only, and then names the others.
    fn uncovered(&self, study: &Study, manifest: &StudyManifest) -> Vec<Difference> {
        let mut found = Vec::new();
        for member in &study.members {
            let of = &member.name;
            let seeds = summarized(manifest, of);
            let wanted = Wanted {
                tables: Tables::Numbers,
                seeds: study.seeds.as_deref(),
                like: &seeds,
                except: &[],
            };
            // A replicate that cannot be read is a difference of its own.
            let published = PublishedMember::load(member, self.published, wanted);
            let published = published.map_or_else(|_| Vec::new(), |member| member.replicates);
            for seed in published.iter().map(PublishedReplicate::seed) {
                let is_it = |one: &LeftOut| one.experiment == *of && one.seed == seed;
                let is_named = study.compare.is_some() && manifest.left_out.iter().any(is_it);
                if !seeds.contains(&seed) && !is_named {
                    let what = format!("leaves out seed {seed} of {of}, which is published");
                    found.push(difference(MANIFEST, what));
                }
            }
        }
        found
    }

    fn compare_summary(&self, manifest: &StudyManifest, written: ReportFiles) -> Comparison {
        let strictness = ComputedOn::ThisMachine.strictness();
        let mut expected = written.files;
        expected.remove(MANIFEST);
        let not_given = manifest
            .outputs
            .keys()
            .filter(|name| !expected.contains_key(*name));
        let what = "no run of these replicates gives it";
        let not_given: Vec<Difference> = not_given
            .map(|name| difference(name, what.to_owned()))
            .collect();
        let folder = self.published.join(&self.study.name).join(SUMMARY);
        let mut comparison = compare_files_with(&folder, &expected, &strictness);
        let page = written.page.map(|page| (self.page(), page));
        let page = compare_files_with(self.published, &Outputs::from_iter(page), &strictness);
        comparison.compared.extend(page.compared);
        comparison.differences.extend(page.differences);
        comparison.differences.extend(not_given);
        comparison
    }

    /// Returns the path of the page about a comparison.
    fn page(&self) -> String {
        format!("{}.md", self.study.name)
    }

    /// Checks the page beside the folder, if the summary has one.
    fn page_faults(&self, manifest: &StudyManifest) -> Vec<Difference> {
        let digest = manifest.page.clone().map(|digest| (self.page(), digest));
        let listed = BTreeMap::from_iter(digest);
        let faults = Published::new(self.published, &listed).check().into_iter();
        faults
            .map(|(name, fault)| difference(&name, fault.to_string()))
            .collect()
    }
}

/// Returns the result of a comparison with digests alone.
fn by_digests(manifest: &StudyManifest) -> Verified {
    let how = "by their digests: published from another kind of machine or device";
    Verified {
        compared: manifest.outputs.len() + usize::from(manifest.page.is_some()),
        ..Verified::not_compared(Part::Summary, how, Vec::new())
    }
}

fn not_compared(differences: Vec<Difference>) -> Verified {
    Verified::not_compared(Part::Summary, "not compared", differences)
}

/// Returns the overrides of the study.
fn overrides(manifest: &StudyManifest) -> Vec<String> {
    let first = manifest.members.first();
    let overrides = first.and_then(|member| member["overrides"].as_array());
    let texts = overrides.into_iter().flatten();
    texts
        .filter_map(|text| Some(text.as_str()?.to_owned()))
        .collect()
}
