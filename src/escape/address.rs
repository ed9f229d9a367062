//! Addresses (URLs), which may hold passwords and tokens.

/// Replacement of a part that may hold a secret.
const HIDDEN: &str = "***";

/// Returns an address without user, password, query and fragment. Of a malformed address,
/// every part that could hold a password is hidden.
pub fn address(address: &str) -> String {
    let (scheme, rest) = match address.split_once("://") {
        Some((scheme, rest)) if is_scheme(scheme) => (format!("{scheme}://"), rest),
        _ if address.contains('@') => return HIDDEN.to_owned(),
        _ => (String::new(), address),
    };
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority.rsplit('@').next().unwrap_or_default();
    // A password with a slash in it makes its user look like the host.
    let goes_on = path.contains('@');
    if !is_host(host) || goes_on && host.contains(':') {
        return format!("{scheme}{HIDDEN}");
    }
    if goes_on {
        return format!("{scheme}{host}/{HIDDEN}");
    }
    let path = path.split(['?', '#']).next().unwrap_or_default();
    format!("{scheme}{host}{path}")
}

/// Returns an argument of a command line with the address in it, if there is one, as
/// [`address`] shows it.
pub fn argument(argument: &str) -> String {
    let Some(end) = argument.find("://") else {
        return argument.to_owned();
    };
    let scheme = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    let start = argument[..end].trim_end_matches(scheme).len();
    let (option, rest) = argument.split_at(start);
    format!("{option}{}", address(rest))
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

/// True for a name or number with an optional port.
fn is_host(text: &str) -> bool {
    // The colons of IPv6 are within brackets.
    let (name, port) = match text.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, port),
        _ => (text, ""),
    };
    let is_letter = |c: char| c.is_alphanumeric() || "-._~[]:%".contains(c);
    port.chars().all(|c| c.is_ascii_digit())
        && name.chars().all(is_letter)
        && (name.starts_with('[') || !name.contains(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_addresses_lose_user_query_and_fragment() {
        for (given, shown) in [
            ("https://host/mnist", "https://host/mnist"),
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
            ("http://[::1]:80/x", "http://[::1]:80/x"),
            ("http://user:secret@host:1/x", "http://host:1/x"),
            ("http://secret@host/x", "http://host/x"),
            ("http://user:s@cret@host/x", "http://host/x"),
            ("https://host/x?token=secret#secret", "https://host/x"),
            ("https://host?token=secret", "https://host"),
            ("HTTPS://user:secret@host", "HTTPS://host"),
            ("/srv/mnist", "/srv/mnist"),
            ("https://cdn.host/gh/a@1.0/x", "https://cdn.host/***"),
        ] {
            assert_eq!(address(given), shown);
        }
    }

    #[test]
    fn no_password_is_shown_of_what_is_no_address() {
        for given in [
            "user:secret@host/x",
            "//user:secret@host/x",
            "http:/user:secret@host",
            "http://user:se/secret@host",
            "http://user:12/secret@host",
            "http://user:12?secret@host",
            "http://user:se#secret@host",
            "http://user:secret",
            "http://user:se cret@ho st",
            "http://u\\secret@host",
            " http://user:secret@host",
            "ht tp://user:secret@host",
        ] {
            let shown = address(given);
            assert!(!shown.contains("se"), "{given}: {shown}");
        }
    }

    #[test]
    fn an_argument_keeps_what_is_before_its_address() {
        for (given, shown) in [
            (
                "--from=https://user:secret@host/x?y",
                "--from=https://host/x",
            ),
            ("https://a/x,http://u:secret@b/", "https://a/***"),
            ("--out", "--out"),
            ("title=a:b", "title=a:b"),
        ] {
            assert_eq!(argument(given), shown);
        }
    }
}
