//! Texts of a study that figures cannot draw completely.

use std::fmt;

use crate::figures::undrawable;
use crate::pipeline::experiment::{Experiment, Study};

/// Text with letters that are missing in the font of figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undrawable {
    /// Name of the text: `the title`.
    text: String,
    /// Missing letters, each once.
    letters: Vec<char>,
}

/// Maximum number of letters in a warning.
const MAX_LISTED: usize = 8;

impl fmt::Display for Undrawable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} has letters that figures cannot draw:", self.text)?;
        for letter in self.letters.iter().take(MAX_LISTED) {
            write!(f, " `{letter}`")?;
        }
        match self.letters.len().saturating_sub(MAX_LISTED) {
            0 => {}
            more => write!(f, " and {more} more")?,
        }
        f.write_str("; the SVG has them, the PNG shows boxes")
    }
}

impl Study {
    /// Returns the texts with letters that figures cannot draw, as far as figures show them.
    pub fn undrawable(&self) -> Vec<Undrawable> {
        let mut found: Vec<Undrawable> = Vec::new();
        for (text, content) in self.drawn_texts() {
            let letters = undrawable(&content);
            let undrawable = Undrawable { text, letters };
            // The experiments of a sweep have most texts in common.
            if !undrawable.letters.is_empty() && !found.contains(&undrawable) {
                found.push(undrawable);
            }
        }
        found
    }

    /// Lists the texts that figures show: name and content.
    fn drawn_texts(&self) -> Vec<(String, String)> {
        let mut texts = Vec::new();
        let mut add = |text: &str, content: &str| texts.push((text.to_owned(), content.to_owned()));
        let own = self.own().iter().map(|member| &member.spec);
        let of_specs = own.clone().flat_map(|spec| &spec.figures);
        let of_specs = of_specs.map(|figure| (figure.name(), figure.caption()));
        let of_study = self.figures.iter();
        let of_study = of_study.map(|figure| (figure.name.as_str(), figure.caption.as_str()));
        let captions: Vec<(&str, &str)> = of_specs.chain(of_study).collect();
        if !captions.is_empty() {
            add("the title", &self.title);
            add("the name of the spec", &self.name);
            own.for_each(|spec| add("the title", &spec.title));
            for label in self.members.iter().map(Experiment::label) {
                add(&format!("the experiment `{label}`"), &label);
            }
            let overrides = self.members.iter().flat_map(|member| &member.overrides);
            overrides.for_each(|set| add("an override", set));
        }
        for (name, caption) in captions {
            add(&format!("the caption of `{name}`"), caption);
        }
        texts
    }
}
