//! Files of results: names, contents and columns, from which the reference is generated.

/// Name of the folder, and of the log, of what all replicates give together.
pub const SUMMARY: &str = "summary";

/// File name of the manifest in a folder of results.
pub const MANIFEST: &str = "manifest.json";

/// File name of the times of stages, which no manifest lists: they differ from run to run.
pub const TIMINGS: &str = "timings.csv";

/// File name of the accuracy log, which every run writes.
pub const ACCURACY: &str = "accuracy.csv";

/// File name of the rows that a replicate draws to train on.
pub const ROWS: &str = "rows.csv";

/// File name of the numbers of the layers.
pub const LAYERS: &str = "layers.csv";

/// File name of the numbers of the network.
pub const NETWORK: &str = "network.csv";

/// File name of the metrics of inverses, which every run with an inversion writes.
pub const METRICS: &str = "metrics.csv";

/// File name of the metrics of inverses by each evaluator that reads them.
pub const EVALUATORS: &str = "evaluators.csv";

/// File name of the predictions of evaluators for pictures of a known class, or of none.
pub const JUDGES: &str = "judges.csv";

/// File name of the similarity of two inversions.
pub const OVERLAPS: &str = "overlaps.csv";

/// File name of what evaluators read in inverses.
pub const READINGS: &str = "readings.csv";

/// File name of the agreement between evaluators.
pub const AGREEMENT: &str = "agreement.csv";

/// File name of the searches for inverses.
pub const SOLUTIONS: &str = "solutions.csv";

/// File name of the inverses.
pub const INVERSES: &str = "inverses.safetensors";

/// File name of the network.
pub const WEIGHTS: &str = "weights.safetensors";

/// File name of the means over replicates.
pub const SUMMARIES: &str = "summary.csv";

/// File name of the differences between inversions.
pub const DIFFERENCES: &str = "differences.csv";

/// File name of the verdicts on claims.
pub const CLAIMS: &str = "claims.csv";

/// File name of the limits of sweeps.
pub const LIMITS: &str = "limits.csv";

/// File name of the pairs of settings.
pub const PAIRS: &str = "pairs.csv";

/// File name of the ledger as a page.
pub const CLAIMS_PAGE: &str = "claims.md";

/// File name of the calibration of evaluators.
pub const RELIABILITY: &str = "reliability.csv";

/// File of results, as users find it.
#[derive(Debug, Clone, Copy)]
pub struct ResultFile {
    /// Name, or path within its folder.
    pub name: &'static str,
    /// Folder that it is in.
    pub place: ResultPlace,
    /// Condition under which it exists; empty if it always does.
    pub when: &'static str,
    /// Contents, in one or more sentences.
    pub about: &'static str,
    /// Header of a table; `p_CLASS` is one column for each class.
    pub columns: &'static str,
}

/// Folder of a file of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResultPlace {
    /// Folder of one replicate.
    Replicate,
    /// Folder of all replicates of a spec.
    Summary,
    /// Folder of all results.
    All,
}

/// All files of results.
pub const RESULT_FILES: [ResultFile; 27] = [
    ResultFile {
        name: ACCURACY,
        place: ResultPlace::Replicate,
        when: "",
        about: "Accuracy log, one row per epoch: running means over the steps of the epoch, each \
                before its step, which sources print; then values after the epoch, on training \
                and test rows (with `data.resample` over the distinct drawn rows, each once). \
                Subset accuracy counts a row only if exactly the right outputs are above one \
                half; logistic outputs only. An untrained network has one row, epoch 0.",
        columns: "epoch,running_loss,running_accuracy,running_subset_accuracy,train_loss,\
                  train_accuracy,train_subset_accuracy,test_loss,test_accuracy,\
                  test_subset_accuracy",
    },
    ResultFile {
        name: METRICS,
        place: ResultPlace::Replicate,
        when: "with an inversion",
        about: "Metrics of every inverse. A value that evaluators read is the mean over their \
                kinds, half by networks (`conv-0`, `conv-1`, ...) and half by nearest neighbours \
                (`knn`), or by the one kind that the metric names.",
        columns: "spec,replicate,inversion,parameter,setting,class,metric,value,unit",
    },
    ResultFile {
        name: EVALUATORS,
        place: ResultPlace::Replicate,
        when: "with a metric that several evaluators read",
        about: "Metrics of every inverse by each evaluator.",
        columns: "spec,replicate,inversion,parameter,setting,class,metric,evaluator,value",
    },
    ResultFile {
        name: LAYERS,
        place: ResultPlace::Replicate,
        when: "",
        about: "Metrics of each layer, from 0.",
        columns: "layer,metric,value,unit",
    },
    ResultFile {
        name: ROWS,
        place: ResultPlace::Replicate,
        when: "with `data.resample`",
        about: "Rows that the replicate trains on: the number in the data set, from 0, in the \
                order of the file; its label; and how often it was drawn.",
        columns: "row,class,times",
    },
    ResultFile {
        name: NETWORK,
        place: ResultPlace::Replicate,
        when: "",
        about: "Metrics of the network.",
        columns: "metric,value,unit",
    },
    ResultFile {
        name: OVERLAPS,
        place: ResultPlace::Replicate,
        when: "with two inversions",
        about: "Similarity of two inversions per class: intersection over union of their highest \
                pixels, a third of all (254 of 28 x 28), and correlation.",
        columns: "spec,replicate,a,b,class,overlap,correlation",
    },
    ResultFile {
        name: JUDGES,
        place: ResultPlace::Replicate,
        when: "with a metric that judges read",
        about: "Accuracy of each judge on test digits and on pictures without a class, with its \
                95 % interval; the mean probability of the truth and of \"none\"; the area under \
                the ROC curve of \"none\"; the expected calibration error.",
        columns: "judge,pictures,trained_on,n,judge_accuracy,accuracy_low,accuracy_high,truth,\
                  none,auroc,calibration_error",
    },
    ResultFile {
        name: RELIABILITY,
        place: ResultPlace::Replicate,
        when: "with a metric that judges read",
        about: "Confidence and accuracy of each judge by tenths of its predictions, on `digits` \
                and on pictures of `none`.",
        columns: "judge,pictures,tenth,n,confidence,judge_accuracy",
    },
    ResultFile {
        name: READINGS,
        place: ResultPlace::Replicate,
        when: "with a metric that judges read",
        about: "What each judge, and all together (`read`), read in each inverse, `clipped` or \
                as `drawn`: probabilities of the classes, of another class of the data file, and \
                of none.",
        columns: "inversion,parameter,setting,class,view,evaluator,p_CLASS,p_another,p_none",
    },
    ResultFile {
        name: AGREEMENT,
        place: ResultPlace::Replicate,
        when: "with a metric that judges read",
        about: "Agreement of the judges on `n` inverses, one row per view and pair of judges, and \
                one for `all`.",
        columns: "view,a,b,n,same_answer,probability_distance",
    },
    ResultFile {
        name: SOLUTIONS,
        place: ResultPlace::Replicate,
        when: "with an inversion that searches",
        about: "Outcome of every search: converged or not, steps, objective, winning component of \
                a mixture. For `random_direction` the directions tried and the norm of the step \
                (1,000 and the longest one if none reaches the probability).",
        columns: "spec,replicate,inversion,parameter,setting,class,converged,steps,objective,\
                  component",
    },
    ResultFile {
        name: INVERSES,
        place: ResultPlace::Replicate,
        when: "with an inversion",
        about: "Inverses: one f64 array of classes x pixels per inversion, on the scale of \
                `data.range`; settings x classes x pixels for a swept one; NaN for a missing \
                inverse.",
        columns: "",
    },
    ResultFile {
        name: WEIGHTS,
        place: ResultPlace::Replicate,
        when: "",
        about: "Network, with `model.randomise_last` its last layers shuffled: `layers.I.weight` \
                (inputs x outputs) and `layers.I.bias`, f32.",
        columns: "",
    },
    ResultFile {
        name: "figures/",
        place: ResultPlace::Replicate,
        when: "with a figure of one network",
        about: "Every figure as PNG (300 dots per inch), SVG and PDF; one that is higher than \
                230 mm has numbered pages, `NAME-1`.",
        columns: "",
    },
    ResultFile {
        name: MANIFEST,
        place: ResultPlace::Replicate,
        when: "",
        about: "Spec with all defaults, the data set and its digest, the numbers of drawn rows \
                with `data.resample`, seed, device and adapter, the key of every stage, the \
                programs, checkouts, commands and machines that computed them, and the SHA-256 \
                of each file above.",
        columns: "",
    },
    ResultFile {
        name: TIMINGS,
        place: ResultPlace::Replicate,
        when: "",
        about: "Duration of each stage, and when it ran.",
        columns: "stage,name,seconds,made_at",
    },
    ResultFile {
        name: SUMMARIES,
        place: ResultPlace::Summary,
        when: "",
        about: "Mean of every number over the replicates, classes averaged within each first, \
                with its 95 % interval by Student's t from three replicates on, which contains \
                what evaluators differ by.",
        columns: "experiment,inversion,parameter,setting,metric,unit,classes,n,mean,low,high",
    },
    ResultFile {
        name: DIFFERENCES,
        place: ResultPlace::Summary,
        when: "with two inversions",
        about: "Differences between inversions, b minus a: `n` pairs of replicates of the same \
                seed, classes averaged within each first, with interval and p of the paired t \
                test from three on.",
        columns: "experiment,a,b,metric,unit,n,seeds,difference,low,high,p",
    },
    ResultFile {
        name: CLAIMS,
        place: ResultPlace::Summary,
        when: "with `[[claim]]`",
        about: ABOUT_CLAIMS,
        columns: CLAIM_COLUMNS,
    },
    ResultFile {
        name: LIMITS,
        place: ResultPlace::Summary,
        when: "with `[[limit]]`",
        about: "Last value of a sweep at which a metric holds, per class and replicate, and the \
                next one, at which it fails.",
        columns: "experiment,replicate,inversion,class,holds,parameter,limit,value,fails_at,\
                  value_there",
    },
    ResultFile {
        name: "comparison.csv",
        place: ResultPlace::Summary,
        when: "of a comparison",
        about: "First experiment against the other one. With several others there is one for each, \
                `comparison-1-NAME.csv`.",
        columns: "a,b,inversion,metric,unit,classes,a_mean,a_low,a_high,a_n,b_mean,b_low,\
                  b_high,b_n,difference,difference_low,difference_high,test,p,verdict",
    },
    ResultFile {
        name: PAIRS,
        place: ResultPlace::Summary,
        when: "with `[[pair]]`",
        about: "Pairs of settings that `[[pair]]` names, b minus a.",
        columns: "says,a,b,metric,unit,n,seeds,a_mean,b_mean,difference,low,high,p",
    },
    ResultFile {
        name: "figures/",
        place: ResultPlace::Summary,
        when: "with a figure of all replicates",
        about: "The kinds `bars`, `strip`, `sweep`, `layers` and `beside`, and grids of a \
                comparison or `across` a sweep.",
        columns: "",
    },
    ResultFile {
        name: MANIFEST,
        place: ResultPlace::Summary,
        when: "",
        about: "Experiments with their seeds, the replicates left out with the reason, stages, \
                and the SHA-256 of each file. `extended` of a member lists the numbers of \
                trainings at earlier looks, then the number now; `planned` is the number of seeds \
                that the spec names, while a summary with verdicts covers only some of them.",
        columns: "",
    },
    ResultFile {
        name: CLAIMS,
        place: ResultPlace::All,
        when: "after `reproduce`",
        about: "Ledger of all claims.",
        columns: CLAIM_COLUMNS,
    },
    ResultFile {
        name: CLAIMS_PAGE,
        place: ResultPlace::All,
        when: "after `reproduce`",
        about: "Ledger of all claims as a page.",
        columns: "",
    },
];

const ABOUT_CLAIMS: &str = "Verdicts, one row per metric of each claim. `ruling` is the verdict by this \
    metric alone; `varies` says what varies between the trainings; `interval` what `low` and \
    `high` are the ends of: `mean`, `training`, `share`, `range`; `p` and `corrected_p` are \
    one-sided, of the claim; `family` is the number of claims that it is corrected for; `state` \
    is `decided` or `undecided`. Only where seeds were added after a look there is `extended` \
    (from how many to how many), and only where poor judges read a metric `poor_judges`.";

const CLAIM_COLUMNS: &str = "study,says,source,verdict,why,metric,of,classes,claimed,observed,low,high,n,\
    seeds,ruling,reading,depends_on_reading,kind,about,threshold,varies,\
    interval,p,corrected_p,family,state";
