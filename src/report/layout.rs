//! Plain text in columns and lines.

/// Cell of a table without a value.
pub const NONE: &str = "–";

/// Target length of lines, in characters.
pub const MAX_LINE: usize = 100;

/// Alignment of a column.
#[derive(Clone, Copy)]
pub struct Alignment {
    right: bool,
    /// Spaces before the column.
    gap: usize,
}

impl Alignment {
    /// Left-aligned words.
    pub const LEFT: Self = Self {
        right: false,
        gap: 2,
    };
    /// Right-aligned numbers.
    pub const RIGHT: Self = Self {
        right: true,
        gap: 2,
    };
    /// Addition to the number before, one space apart.
    pub const HALF: Self = Self {
        right: false,
        gap: 1,
    };
}

/// Formats each row as a line with aligned cells. Empty columns take no space.
pub fn columns(rows: &[Vec<String>], columns: &[Alignment]) -> Vec<String> {
    let width = |index: usize| {
        let cells = rows.iter().filter_map(|row| row.get(index));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let line = |row: &Vec<String>| {
        let mut line = String::new();
        for ((cell, column), &width) in row.iter().zip(columns).zip(&widths) {
            if width == 0 {
                continue;
            }
            let gap = if line.is_empty() { 0 } else { column.gap };
            line.push_str(&" ".repeat(gap));
            let pad = " ".repeat(width - cell.chars().count());
            let parts = if column.right {
                [&pad, cell]
            } else {
                [cell, &pad]
            };
            line.extend(parts.map(String::as_str));
        }
        line.trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

/// Breaks text between words. Lines start with `indent` spaces, all but the first with two
/// more.
pub fn wrap(text: &str, indent: usize) -> Vec<String> {
    wrap_to(text, indent, MAX_LINE)
}

/// Wraps like [`wrap`], to lines of at most this number of columns.
pub fn wrap_to(text: &str, indent: usize, columns: usize) -> Vec<String> {
    let mut lines = vec![" ".repeat(indent)];
    let mut empty = true;
    for word in text.split(' ') {
        let used = lines.last().map_or(0, |line| line.chars().count());
        if !empty && used + 1 + word.chars().count() > columns {
            lines.push(" ".repeat(indent + 2));
            empty = true;
        }
        if let Some(line) = lines.last_mut() {
            if !empty {
                line.push(' ');
            }
            line.push_str(word);
            empty = false;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stand_below_each_other() {
        let rows = [["a", "", "1.5", "±2"], ["long", "", "22", ""]];
        let rows = rows.map(|row| row.map(str::to_owned).to_vec());
        let form = [
            Alignment::LEFT,
            Alignment::LEFT,
            Alignment::RIGHT,
            Alignment::HALF,
        ];
        assert_eq!(columns(&rows, &form), ["a     1.5 ±2", "long   22"]);
    }

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrap("a  b", 2), ["  a  b"]);
        let word = "x".repeat(60);
        let lines = wrap(&format!("{word} {word} y"), 0);
        assert_eq!(lines, [word.clone(), format!("  {word} y")]);
        let long = "x".repeat(120);
        assert_eq!(wrap(&long, 0), [long]);
    }
}
