//! Study report: tables of means, differences and limits over all replicates and members,
//! comparisons, and figures.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::claims;
use super::extended::Extension;
use super::figures::{self, FirstReplicate};
use super::graph::{ShownReplicate, figure_stage};
use super::manifest::study_manifest;
use super::published::{PublishedMember, PublishedReplicate, Wanted, list};
use crate::claims::{ClaimResult, table};
use crate::config::{InverseGrid, StudyFigureKind};
use crate::digest::sha256;
use crate::io;
use crate::pipeline::context::Context;
use crate::pipeline::error::RunError;
use crate::pipeline::event::{Emit, Event};
use crate::pipeline::experiment::{Experiment, Study};
use crate::pipeline::publish::folder::{ResultsFolder, differing};
use crate::pipeline::run::logged;
use crate::pipeline::runner::Runner;
use crate::pipeline::stage::Stage;
use crate::pipeline::stages::figure::DrawWork;
use crate::report::{Results, SummaryRow, summary};
use crate::store::{CLAIMS, LeftOut, MANIFEST, Outputs, SUMMARY, StageKey, StudyManifest};

/// Returns the path of the page about a comparison.
pub fn page_of(study: &Study, context: &Context) -> PathBuf {
    context.out.join(format!("{}.md", study.name))
}

/// Checks that the summary of a study can be written.
///
/// # Errors
/// If something else is there, it cannot be written to, or a published replicate that
/// the run does not replace cannot be read.
pub fn check_place(study: &Study, context: &Context, emit: Emit<'_>) -> Result<(), RunError> {
    let place = context.out.join(&study.name).join(SUMMARY);
    drop(ResultsFolder::open(&place, context, emit)?);
    let page = page_of(study, context);
    if study.compare.is_some() && page.is_dir() {
        return Err(RunError::InTheWay(page));
    }
    // The summary also covers seeds that this run does not replace.
    for experiment in study.own() {
        let others = Wanted {
            tables: claims::tables(&study.claims),
            seeds: None,
            like: &[],
            except: &experiment.spec.seeds,
        };
        PublishedMember::load(experiment, &context.out, others)?;
    }
    Ok(())
}

/// Study with the published replicates of all its members.
pub struct StudyReport<'a> {
    pub study: &'a Study,
    pub context: &'a Context,
    /// Replicates, one entry per member of the study.
    pub members: Vec<PublishedMember>,
    /// Seeds added after a look, one entry per member of the study.
    pub extensions: Vec<Extension>,
}

/// Files of a study report, and its judged claims.
pub struct ReportFiles {
    /// The files of its summary folder.
    pub files: Outputs,
    /// The page about it, if it is a comparison.
    pub page: Option<Vec<u8>>,
    /// Judged claims.
    pub judged: Vec<ClaimResult>,
    /// Number of figures that were not in the store.
    computed: usize,
}

/// Computes the summary of a study from its published replicates, publishes it with a
/// log beside it, and returns the judged claims; none if a member has no replicate.
/// Processes that end at the same time take turns, so that the last one sees all seeds.
///
/// # Errors
/// If a replicate cannot be read, a figure cannot be drawn, or results cannot be written.
pub fn refresh(
    study: &Study,
    context: &Context,
    on_event: Emit<'_>,
) -> Result<Option<Vec<ClaimResult>>, RunError> {
    let parent = context.out.join(&study.name);
    logged(&parent, SUMMARY, on_event, |emit| {
        let place = parent.join(SUMMARY);
        let results = ResultsFolder::open(&place, context, emit)?;
        let Some(report) = StudyReport::load(study, context)? else {
            emit(Event::NoSummary);
            return Ok(None);
        };
        let mut usage = context.store.usage()?;
        let stages = report.stages();
        usage.add(stages.iter().map(|stage| &stage.key))?;
        report.report_left_out(emit);
        report.report_varying(emit);
        let written = report.written(emit)?;
        let before = StudyManifest::read(&place).ok();
        let before = before.and_then(|manifest| manifest.page);
        results.publish(&written.files, written.computed == 0, emit)?;
        if let Some(page) = &written.page {
            report.put_page(page, before.as_deref(), emit)?;
        }
        Ok(Some(written.judged))
    })
}

/// Returns the judged claims of a study whose summary is up to date, without writing
/// anything; none if it is not.
pub fn up_to_date(
    study: &Study,
    context: &Context,
    on_event: Emit<'_>,
) -> Option<Vec<ClaimResult>> {
    let report = StudyReport::load(study, context).ok()??;
    let written = report.look_up().ok()?;
    let place = context.out.join(&study.name).join(SUMMARY);
    let page = page_of(study, context);
    let shows = |page_bytes: &Vec<u8>| io::read(&page).is_ok_and(|there| there == *page_bytes);
    let is_shown =
        differing(&place, &written.files).is_empty() && written.page.as_ref().is_none_or(shows);
    if !is_shown {
        return None;
    }
    ResultsFolder::tidy(&place);
    report.report_left_out(on_event);
    report.report_varying(on_event);
    on_event(Event::UpToDate(&place));
    Some(written.judged)
}

/// Reads the published replicates of a member that a study covers.
///
/// # Errors
/// If one cannot be read, or is not as it was published.
pub fn published(
    study: &Study,
    member: &Experiment,
    context: &Context,
) -> Result<PublishedMember, RunError> {
    let wanted = Wanted {
        tables: claims::tables(&study.claims),
        seeds: study.seeds.as_deref(),
        like: &member.spec.seeds,
        except: &[],
    };
    PublishedMember::load(member, &context.out, wanted)
}

impl<'a> StudyReport<'a> {
    /// Reads the published replicates of all members; none if a member has none.
    ///
    /// # Errors
    /// If one cannot be read, or is not as it was published.
    pub fn load(study: &'a Study, context: &'a Context) -> Result<Option<Self>, RunError> {
        let mut members = Vec::new();
        for experiment in &study.members {
            let member = published(study, experiment, context)?;
            if member.replicates.is_empty() {
                return Ok(None);
            }
            members.push(member);
        }
        let former = StudyManifest::read(&context.out.join(&study.name).join(SUMMARY)).ok();
        let both = study.members.iter().zip(&members);
        let extension = |(member, own)| Extension::of(study, member, own, former.as_ref());
        Ok(Some(Self {
            study,
            context,
            extensions: both.map(extension).collect(),
            members,
        }))
    }

    /// Lists the published replicates that it does not cover.
    pub fn left_out(&self) -> Vec<LeftOut> {
        let members = self.members.iter();
        members
            .flat_map(|member| &member.left_out)
            .cloned()
            .collect()
    }

    fn report_left_out(&self, emit: Emit<'_>) {
        let left_out = self.left_out();
        if !left_out.is_empty() {
            emit(Event::LeftOut(&list(&left_out, &self.study.name)));
        }
    }

    /// Writes the page, and warns if it replaces one that no run wrote.
    fn put_page(&self, page: &[u8], before: Option<&str>, emit: Emit<'_>) -> Result<(), RunError> {
        let path = page_of(self.study, self.context);
        let there = io::read(&path).ok();
        if there.as_deref() == Some(page) {
            emit(Event::UpToDate(&path));
            return Ok(());
        }
        let digest = there.map(|there| sha256([&there[..]]));
        if digest.is_some() && digest.as_deref() != before {
            let fault = "modified";
            emit(Event::Damaged { path: &path, fault });
        }
        io::write_atomic(&path, page)?;
        emit(Event::Finished(&path));
        Ok(())
    }

    /// Returns the stages of the figures.
    pub fn stages(&self) -> Vec<Stage> {
        let mut shown = Vec::new();
        for (index, member) in self.members.iter().enumerate() {
            let replicates = member.replicates.iter();
            shown.extend(replicates.map(|one| ShownReplicate::published(index, &one.manifest)));
        }
        let left_out = self.left_out();
        let figures = self.study.figures.iter();
        figures
            .map(|figure| figure_stage(self.study, figure, &shown, &left_out))
            .collect()
    }

    /// Computes all files, with figures from the store or newly drawn.
    ///
    /// # Errors
    /// If a figure cannot be drawn or something does not fit into its format.
    pub fn written(&self, emit: Emit<'_>) -> Result<ReportFiles, RunError> {
        self.written_with(Runner::new(self.context, self.folder(), emit), emit)
    }

    /// Computes all files, with figures from the store only.
    ///
    /// # Errors
    /// If a figure is not in the store, and as [`StudyReport::written`].
    pub fn look_up(&self) -> Result<ReportFiles, RunError> {
        let runner = Runner::new(self.context, self.folder(), &|_| {});
        self.written_with(runner.store_only(), &|_| {})
    }

    /// Returns the folder of the spec.
    fn folder(&self) -> &Path {
        let first = self.study.members.first();
        first.map_or(Path::new(""), |first| &first.folder)
    }

    fn written_with(
        &self,
        mut runner: Runner<'_>,
        emit: Emit<'_>,
    ) -> Result<ReportFiles, RunError> {
        let members = self.study.members.iter().zip(&self.members);
        let members = members.map(|(member, own)| own.results(member));
        let members: Vec<Results> = members.collect::<Result<_, _>>()?;
        let rows: Vec<SummaryRow> = members.iter().flat_map(summary).collect();
        let mut files = self.tables(&members, &rows)?;
        let results: Vec<_> = members.iter().map(Ok).collect();
        let judged = claims::judge(self.study, &results, &self.extensions);
        if !judged.is_empty() {
            files.insert(CLAIMS.to_owned(), table::csv(&judged)?);
        }
        self.draw(&mut runner, &rows, &mut files, emit)?;
        let (records, computed) = runner.finish();
        let page = self
            .study
            .compare
            .as_ref()
            .map(|_| self.text(&members, &judged, &files));
        let page = page.map(String::into_bytes);
        let manifest = StudyManifest {
            page: page.as_ref().map(|page| sha256([&page[..]])),
            ..study_manifest(self, &records, &files)
        };
        files.insert(MANIFEST.to_owned(), manifest.to_bytes()?);
        Ok(ReportFiles {
            files,
            page,
            judged,
            computed,
        })
    }

    fn draw(
        &self,
        runner: &mut Runner<'_>,
        rows: &[SummaryRow],
        files: &mut Outputs,
        emit: Emit<'_>,
    ) -> Result<(), RunError> {
        let first = self.first_replicates()?;
        runner.add_digests(self.digests_with(&first));
        for (figure, stage) in self.study.figures.iter().zip(self.stages()) {
            let name = &figure.name;
            let draw = DrawWork(|| {
                let on_blank = |reason: &str| emit(Event::BlankFigure { name, reason });
                figures::draw(self, figure, &first, rows, on_blank)
                    .map_err(|source| RunError::Figure(name.clone(), source))
            });
            let drawing = runner.get(&stage, &draw)?;
            let pages = drawing.files(name).into_iter();
            files.extend(pages.map(|(name, bytes)| (format!("figures/{name}"), bytes)));
        }
        Ok(())
    }

    /// Returns the digests of the published inputs of figures, by stage.
    ///
    /// # Errors
    /// If the inverses that a figure shows cannot be read.
    pub fn digests(&self) -> Result<BTreeMap<StageKey, String>, RunError> {
        Ok(self.digests_with(&self.first_replicates()?))
    }

    fn digests_with(&self, first: &[FirstReplicate<'_>]) -> BTreeMap<StageKey, String> {
        let all = self.members.iter().flat_map(|member| &member.replicates);
        let all = all.flat_map(PublishedReplicate::digests);
        all.chain(first.iter().flat_map(FirstReplicate::digests))
            .collect()
    }

    /// Reads the first replicate of each member, with the inverses that grids show.
    fn first_replicates(&self) -> Result<Vec<FirstReplicate<'_>>, RunError> {
        let figures = self.study.figures.iter().map(|figure| &figure.kind);
        let grids = figures.filter_map(StudyFigureKind::grid);
        let names: Vec<&str> = grids.clone().flat_map(InverseGrid::inversions).collect();
        let with_readings = grids.clone().any(InverseGrid::shows_readings);
        let mut first = Vec::new();
        for (member, own) in self.study.members.iter().zip(&self.members) {
            let Some(replicate) = own.replicates.first().filter(|_| !names.is_empty()) else {
                continue;
            };
            first.push(FirstReplicate {
                member,
                replicate,
                inverses: replicate.inverses(&member.spec, &names, with_readings)?,
            });
        }
        Ok(first)
    }
}
