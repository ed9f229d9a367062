//! Textures: fields of noise with several spectra, from which pictures take windows.

use crate::data::ImageSize;
use crate::rng::Stream;

/// Width and height of a field, whose edges meet.
const SIDE: usize = 128;
/// Widths in pixels over which the noise of a field is averaged three times; the last field
/// is the sum of the others, so that all widths have a part in it.
const WIDTHS: [usize; 4] = [1, 3, 5, 9];

/// Fields of noise: white, three smooth ones, and one of all widths together. Each has a
/// mean of 0 and a standard deviation of 1.
#[derive(Debug)]
pub struct Textures(Vec<Vec<f32>>);

impl Textures {
    /// Number of fields.
    pub const COUNT: usize = WIDTHS.len() + 1;

    /// Draws the fields.
    pub fn new(stream: &mut Stream) -> Self {
        let white = |stream: &mut Stream| -> Vec<f32> {
            (0..SIDE * SIDE).map(|_| stream.normal() as f32).collect()
        };
        let mut fields: Vec<Vec<f32>> = WIDTHS
            .map(|width| normalised(averaged(white(stream), width)))
            .to_vec();
        let sum = |i: usize| fields.iter().map(|field| field[i]).sum();
        let all = (0..SIDE * SIDE).map(sum).collect();
        fields.push(normalised(all));
        Self(fields)
    }

    /// Returns a window of one field, `spectrum` of [`Textures::COUNT`], at a drawn place.
    pub fn window(&self, spectrum: usize, size: ImageSize, stream: &mut Stream) -> Vec<f32> {
        let field = &self.0[spectrum];
        let (left, top) = (stream.below(SIDE as u64), stream.below(SIDE as u64));
        let (left, top) = (left as usize, top as usize);
        let mut window = Vec::with_capacity(size.pixels());
        for y in top..top + size.height {
            let row = &field[y % SIDE * SIDE..][..SIDE];
            let (mut from, end) = (left, window.len() + size.width);
            while window.len() < end {
                let count = (end - window.len()).min(SIDE - from);
                window.extend_from_slice(&row[from..from + count]);
                from = 0;
            }
        }
        window
    }
}

/// Averages a field three times over windows of this width, across and down.
fn averaged(mut field: Vec<f32>, width: usize) -> Vec<f32> {
    let around = |i: usize, offset: usize| (i + SIDE + offset - width / 2) % SIDE;
    for _ in 0..3 {
        let across = |i: usize| {
            let (x, y) = (i % SIDE, i / SIDE);
            (0..width).map(|d| field[y * SIDE + around(x, d)]).sum()
        };
        let rows: Vec<f32> = (0..SIDE * SIDE).map(across).collect();
        let down = |i: usize| {
            let (x, y) = (i % SIDE, i / SIDE);
            (0..width).map(|d| rows[around(y, d) * SIDE + x]).sum()
        };
        field = (0..SIDE * SIDE).map(down).collect();
    }
    field
}

fn normalised(mut field: Vec<f32>) -> Vec<f32> {
    super::look::standardise(&mut field);
    field
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::stream;

    /// Correlation of neighbours: none in white noise, more the smoother the field.
    #[test]
    fn smooth_fields_have_similar_neighbours() {
        let textures = Textures::new(&mut stream(0, "textures"));
        let near = |field: &Vec<f32>| {
            let pairs =
                (0..field.len()).map(|i| field[i] * field[i / SIDE * SIDE + (i + 1) % SIDE]);
            pairs.sum::<f32>() / field.len() as f32
        };
        let near: Vec<f32> = textures.0.iter().map(near).collect();
        assert!(near[0].abs() < 0.03, "{near:?}");
        assert!(near[0] < near[4] && near[4] < near[3], "{near:?}");
        assert!(near[1] < near[2] && near[2] < near[3], "{near:?}");
    }

    #[test]
    fn windows_are_of_any_size() {
        let textures = Textures::new(&mut stream(0, "textures"));
        for (width, height) in [(1, 1), (36, 1), (28, 28), (300, 2)] {
            let size = ImageSize { width, height };
            let window = textures.window(2, size, &mut stream(1, "window"));
            assert_eq!(window.len(), size.pixels());
        }
    }
}
