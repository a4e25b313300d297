use proptest::prelude::*;

use super::*;

fn node(node: Node<'_>, out: &mut String) {
    *out += &node.line().to_string();
    if let Some(text) = node.text() {
        *out += &format!("{text:?}");
    } else if let Some(items) = node.items() {
        out.push('[');
        items.for_each(|item| self::node(item, out));
        out.push(']');
    } else if let Some(pairs) = node.pairs() {
        out.push('{');
        pairs.for_each(|(key, value)| {
            self::node(key, out);
            self::node(value, out);
        });
        out.push('}');
    } else {
        out.push('*');
    }
}

/// The nodes of a text, each behind its line; or the line of what is wrong.
fn show(text: &str) -> String {
    match Document::parse(text.as_bytes()) {
        Err(error) => format!("error in line {}", error.line),
        Ok(document) => {
            let mut out = String::new();
            document.root().inspect(|root| node(*root, &mut out));
            out
        }
    }
}

fn check(rows: &[(&str, &str)]) {
    for (text, want) in rows {
        assert_eq!(show(text), *want, "{text:?}");
    }
}

#[test]
fn nodes_know_their_lines() {
    check(&[
        ("", ""),
        ("# only a comment\n", ""),
        ("a: b\nc:\n- d\n-\n", r#"1{1"a"1"b"2"c"3[3"d"4""]}"#),
        ("a:\n  - x: 1\n    y: 2\n", r#"1{1"a"2[2{2"x"2"1"3"y"3"2"}]}"#),
        ("-\n  # note\n  x: y\n", r#"1[3{3"x"3"y"}]"#),
        ("- &a\n  x: y\n- *a\n", r#"1[1{2"x"2"y"}3*]"#),
        ("run: |\n  a\n\n  b\n", r#"1{1"run"1"a\n\nb\n"}"#),
        ("{a: [b, c: d],\n e: , f}", r#"1{1"a"1[1"b"1{1"c"1"d"}]2"e"2""2"f"2""}"#),
        ("? a\n: b\n", r#"1{1"a"2"b"}"#),
    ]);
}

#[test]
fn scalars_are_folded_and_unescaped() {
    check(&[
        ("a b\n  c\n\n  d", r#"1"a b c\nd""#),
        ("'it''s\n\n  so'", r#"1"it's\nso""#),
        (
            r#""\x41\u00e9\t\\ b\
            c""#,
            r#"1"Aé\t\\ bc""#,
        ),
        (">-\n a\n b\n\n c\n  d\n e\n", r#"1"a b\nc\n d\ne""#),
        ("|+2\n   a\n\n", r#"1" a\n\n""#),
        ("!!binary YQ==", r#"1"YQ==""#),
        ("!cancelled()", r#"1"""#),
        ("x: \u{feff}b", r#"1{1"x"1"\u{feff}b"}"#),
    ]);
}

#[test]
fn line_ends_are_those_of_yaml_1_1() {
    check(&[
        ("# c\u{85}a: b\u{2028}c: d\u{2029}e: f\rg: h\r\ni: j", r#"2{2"a"2"b"3"c"3"d"4"e"4"f"5"g"5"h"6"i"6"j"}"#),
        ("\"a\"# comment", r#"1"a""#),
    ]);
}

#[test]
fn only_the_first_document_is_read() {
    check(&[
        ("a: b\n---\n[", r#"1{1"a"1"b"}"#),
        ("---\n---\na: b\n", r#"2"""#),
        ("{a: b}\n\n}", r#"1{1"a"1"b"}"#),
        ("  a: b\nc: d\n", r#"1{1"a"1"b"}"#),
        ("%YAML 1.1\n---\na\n...\n@", "error in line 5"),
    ]);
}

#[test]
fn what_libyaml_refuses_is_refused() {
    for text in [
        "a:\n\tb: c\n",
        "a: b\n\t\nc: d\n",
        "-\ta\n-\t\tb: c\n-\t- d\n",
        "a: *b",
        "a: b: c",
        "a: @b",
        "a: `b`",
        "a: %b",
        "a: - b",
        "a: [ -f x ] && y",
        "a: 'It's'",
        "a: {b: ${{ c }}}",
        "[v[0-9]]",
        "a: b\n  # c\n  d\n",
        "a: !contains(x, 'y')",
        "[!x]",
        "[a,,b]",
        "[a",
        "\"a",
        "a:\n    b: c\n  d: e\n",
        "a: |\n   b\n  c\n",
        "a: |\n\n   \n b\n",
        "a: | b\n",
        "a: |\nb\n",
        r#""\/""#,
        r#""C:\Users""#,
        "%YAML 1.2\n---\na",
        "%YAML 1.1\na",
        "a: \0",
        "a: \u{c}",
        "a: \u{7f}",
    ] {
        assert!(show(text).starts_with("error in line"), "{text:?}: {}", show(text));
    }
    assert!(Document::parse(b"a: \xff").is_err());
}

#[test]
fn errors_have_their_lines() {
    check(&[("a: b\nc: d: e\n", "error in line 2"), ("a:\n- b\n\tc\n", "error in line 2"), ("a: b\nc\nd: e\n", "error in line 2")]);
}

#[test]
fn depth_and_length_are_bounded() {
    let flow = |depth: usize| Document::parse(("[".repeat(depth) + &"]".repeat(depth)).as_bytes()).is_ok();
    assert!(flow(10_000) && !flow(10_001));
    let block = |depth: usize| Document::parse(("- ".repeat(depth) + "a").as_bytes()).is_ok();
    assert!(block(10_000) && !block(10_001));
    let key = |length: usize| Document::parse(("a".repeat(length) + ": b").as_bytes()).is_ok();
    assert!(key(1_024) && !key(1_025));
    assert!(Document::parse("[".repeat(1 << 20).as_bytes()).is_err());
    assert!(Document::parse("a".repeat(1 << 20).as_bytes()).is_ok());
    let bomb: String = (1..40).map(|n| format!("a{n}: &a{n} [*a{m}, *a{m}]\n", m = n - 1)).collect();
    assert!(Document::parse(("a0: &a0 x\n".to_owned() + &bomb).as_bytes()).is_ok());
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        drop(Document::parse(&bytes));
    }

    #[test]
    fn no_signs_make_it_panic(text in "([-:?,\\[\\]{}#&*!|>'\"%@`a \t\n]|: |- |---\n|&a |[*]a |é|\u{2028}){0,60}") {
        if let Ok(document) = Document::parse(text.as_bytes()) {
            let mut out = String::new();
            document.root().inspect(|root| node(*root, &mut out));
        }
    }
}
