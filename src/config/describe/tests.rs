use super::*;

/// Errors of a spec in which a key has this value.
fn faults(settings: &Settings, key: &str, value: &str) -> String {
    let own = settings.iter().filter(|(path, _)| path != key).cloned();
    let settings: Settings = own.chain([(key.to_owned(), value.to_owned())]).collect();
    let experiment = root();
    let sets: Vec<String> = settings.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let faults = Faults::default();
    read(tree(&settings), &experiment, &faults);
    faults.into_error(&[], &sets).to_string()
}
