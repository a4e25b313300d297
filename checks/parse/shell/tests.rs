//! Small texts in, facts out; a test for each rule.

mod refusals;

use proptest::prelude::*;

use super::*;

/// The commands of a text, each as `line: words`. What is more than a literal or a quoted part is `_`.
fn commands(text: &str) -> Vec<String> {
    let script = shell(text.as_bytes()).unwrap_or_else(|error| panic!("{text:?}: {error}"));
    script.commands.iter().map(|command| format!("{}: {}", command.line, shown(script.words_of(command)))).collect()
}

fn shown(words: &[Word<'_>]) -> String {
    let word = |word: &Word<'_>| match &word.kind {
        WordKind::Literal(text) => text.to_string(),
        WordKind::Single(text) => format!("'{text}'"),
        WordKind::Double(text) => format!("\"{text}\""),
        WordKind::Process { output, .. } => if *output { ">()" } else { "<()" }.into(),
        WordKind::Composite => "_".into(),
    };
    words.iter().map(word).collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn reads(text: &str, expected: &[&str]) {
    assert_eq!(commands(text), expected, "{text:?}");
}

#[track_caller]
fn refuses(kind: ErrorKind, texts: &[&str]) {
    for text in texts {
        match shell(text.as_bytes()) {
            Ok(script) => panic!("{text:?} is accepted: {script:?}"),
            Err(error) => assert_eq!(error.kind, kind, "{text:?}: {error}"),
        }
    }
}

#[track_caller]
fn accepts(texts: &[&str]) {
    for text in texts {
        if let Err(error) = shell(text.as_bytes()) {
            panic!("{text:?}: {error}");
        }
    }
}

#[test]
fn commands_have_words_and_a_line() {
    reads("", &[]);
    reads("pip install x", &["1: pip install x"]);
    reads("\n\na b;c&d\ne && f || ! g\n", &["3: a b", "3: c", "3: d", "4: e", "4: f", "4: g"]);
    reads("a \\\n b\nc", &["1: a b", "3: c"]);
}

#[test]
fn words_of_one_part_keep_their_text() {
    reads(r#"a\ b \pip '' '$x' "a b" $'c\'' $"d" ~ {a,b} *.c x=1 a@b"#, &[r#"1: a\ b \pip '' '$x' "a b" 'c\'' "d" ~ {a,b} *.c x=1 a@b"#]);
    reads("'a\\\nb' a\\\nb", &["1: 'a\\\nb' ab"]);
    reads(r#"a "b\$" "$" [a]"#, &[r#"1: a "b\$" "$" [a]"#]);
}

#[test]
fn words_of_several_parts_are_composite() {
    reads(r#"a "" $x "$x" a$x 'a'b "b$" b$ .[dev] x[1] "a"'b' "#, &["1: a _ _ _ _ _ _ _ _ _ _"]);
    reads("a \"b \\\nc\" @(a|b) x+(a)", &["1: a _ _ _"]);
    let text = b"a  'b c'$d\"e\"  f";
    let script = shell(text).expect("a command");
    assert_eq!(script.words_of(&script.commands[0])[1].source(text), b"'b c'$d\"e\"");
    assert_eq!(script.commands[0].span, 0..16);
}

#[test]
fn assignments_are_no_words() {
    reads("a=b c=d e f=g", &["1: e f=g"]);
    reads("a=$(b c) d+=1\ne[1]=2 f=(g h)", &["1: ", "1: b c", "2: "]);
    reads("declare a=$(b) -x c[1]=$(d); export e", &["1: b", "1: d"]);
}

#[test]
fn a_command_comes_before_those_inside_it() {
    reads("a $(b `c` \"$(d)\") <(e)", &["1: a _ <()", "1: b _ _", "1: c", "1: d", "1: e"]);
    reads("a > $(b) c $(d)", &["1: a c _", "1: d", "1: b"]);
    reads("x[$(a)]=$(b)", &["1: ", "1: b", "1: a"]);
}

#[test]
fn everything_is_entered() {
    reads("if a; then b; elif c; then d; else e; fi", &["1: a", "1: b", "1: c", "1: d", "1: e"]);
    reads("while a; do b; done\nuntil c\ndo d\ndone", &["1: a", "1: b", "2: c", "3: d"]);
    reads("for x in $(a); do b; done; for ((i=$(c);;)) { d; }; select y; do e; done", &["1: a", "1: b", "1: c", "1: d", "1: e"]);
    reads("case $(a) in b|$(c)) d;; (e) f;& *) g\nesac", &["1: a", "1: c", "1: d", "1: f", "1: g"]);
    reads("f() { a; }; function g { b; }; h() (c); i() d", &["1: a", "1: b", "1: c", "1: d"]);
    reads("time a; time -p b", &["1: a", "1: b"]);
    reads("(a; { b; }); ((1 + $(c))); let x=$(d); [[ $(e) == f && -n `g` ]]", &["1: a", "1: b", "1: c", "1: d", "1: e", "1: g"]);
}

#[test]
fn expansions_are_entered_but_for_slices() {
    reads(
        "a ${b:-$(c)} ${d/$(e)/$(f)} ${g[$(h)]} $((i + $(j))) $[$(k)]",
        &["1: a _ _ _ _ _", "1: c", "1: e", "1: f", "1: h", "1: j", "1: k"],
    );
    reads("a ${b:$(c)} ${b:1:$(d)} $(e)", &["1: a _ _ _", "1: e"]);
}

#[test]
fn a_coprocess_has_a_name_only_before_a_compound_command() {
    reads("coproc pip install x", &["1: pip install x"]);
    reads("coproc a", &["1: a"]);
    reads("coproc a { b; }; coproc { c; }", &["1: b", "1: c"]);
    reads("coproc a > b \\\nc", &["1: a c"]);
    reads("coproc a$(b) c $(d)", &["1: _ c _", "1: b", "1: d"]);
}

#[test]
fn pipes_know_both_sides() {
    let pipes = |text: &str| shell(text.as_bytes()).expect("pipes").pipes;
    assert_eq!(pipes("curl x | sh"), [Pipe { from: 0, to: 1, first: true, both: false }]);
    assert_eq!(pipes("a | b |& c"), [Pipe { from: 0, to: 1, first: true, both: false }, Pipe { from: 1, to: 2, first: false, both: true }]);
    assert_eq!(pipes("(a) | b; c | { d; }; e | time f"), []);
    assert_eq!(
        pipes("a $(b | c) | d"),
        [Pipe { from: 0, to: 3, first: true, both: false }, Pipe { from: 1, to: 2, first: true, both: false }]
    );
    assert_eq!(pipes("${a:$(b | c)}"), []);
}

#[test]
fn redirections_belong_to_their_command() {
    let script = shell(b"2> err a >> 'b c' x {fd}<&1 &> $d\n").expect("a command");
    let redirects: Vec<_> = script.commands[0]
        .redirects
        .iter()
        .map(|redirect| (redirect.descriptor.as_deref(), redirect.operator, shown(std::slice::from_ref(&redirect.target))))
        .collect();
    assert_eq!(
        redirects,
        [(Some("2"), ">", "err".into()), (None, ">>", "'b c'".into()), (Some("{fd}"), "<&", "1".into()), (None, "&>", "_".into())]
    );
    assert_eq!(shown(script.words_of(&script.commands[0])), "a x");
    assert_eq!(script.commands[0].span, 0..33);
    reads("> a", &[]);
    reads("a 1x>b", &["1: a 1x"]);
    reads("{ a; } > $(b) | c", &["1: a", "1: b", "1: c"]);
}

#[test]
fn process_substitutions_know_their_first_command() {
    let first = |text: &str| {
        let script = shell(text.as_bytes()).expect("a command");
        match script.words_of(&script.commands[0])[1].kind {
            WordKind::Process { first, .. } => first,
            ref other => panic!("{other:?}"),
        }
    };
    assert_eq!(first("bash <(curl x; y)"), Some(1));
    assert_eq!(first("bash >(! curl x)"), Some(1));
    for text in ["bash <()", "bash <(a | b)", "bash <(a && b)", "bash <({ a; })", "bash <(> a)"] {
        assert_eq!(first(text), None, "{text}");
    }
}

#[test]
fn here_documents_end_at_their_mark() {
    reads("cat <<E\n$(a)\nE\nb", &["1: cat", "2: a", "4: b"]);
    reads("cat <<'E'\n$(a\nE\nb", &["1: cat", "4: b"]);
    reads("cat <<-E | b\n\t$(a)\n\tE\nc", &["1: cat", "2: a", "1: b", "4: c"]);
    reads("a <<A; b <<B\n$(c)\nA\n`d`\nB\ne", &["1: a", "2: c", "1: b", "4: d", "6: e"]);
    reads("a $(b <<E\n$(c)\nE\n)", &["1: a _", "1: b", "2: c"]);
    reads("cat <<E\r\n$(a)\r\nE\r\nb", &["1: cat", "2: a", "4: b"]);
    reads("cat <<\\E\n$(a\nE", &["1: cat"]);
}

#[test]
fn only_the_last_part_of_a_mark_decides_whether_it_is_quoted() {
    reads("cat <<'E'F\n$(a)\nEF\n", &["1: cat", "2: a"]);
    reads("cat <<E'F'\n$(a)\nEF\n", &["1: cat"]);
}

#[test]
fn a_line_after_a_joined_one_is_no_mark() {
    refuses(ErrorKind::Parse, &["cat <<E\na\\\nE\n"]);
    reads("cat <<E\na\\\nE\nE\n", &["1: cat"]);
}

#[test]
fn comments_begin_at_words_and_go_on_after_a_backslash() {
    reads("a # b", &["1: a"]);
    reads("a #b \\\npip install x", &["1: a pip install x"]);
    reads("a#b 'c'#d ${e}#f", &["1: a#b _ _"]);
    reads("a $(b)#c d\n`e`#f", &["1: a _", "1: b", "2: _", "2: e"]);
}

#[test]
fn backquotes_lose_a_level_of_backslashes() {
    reads("a `b \\`c\\``", &["1: a _", "1: b _", "1: c"]);
    // One backslash for each that is open, rather than twice as many and one more.
    reads("a `b \\`c \\\\`d\\\\`\\``", &["1: a _", "1: b _", "1: c _", "1: d"]);
    reads("a `b \\`c \\\\\\`d\\``", &["1: a _", "1: b _", "1: c \\`d"]);
    reads("`a \\$b`", &["1: _", "1: a _"]);
    refuses(ErrorKind::Parse, &["`a 'b`", "`a \\`b`"]);
}

#[test]
fn bytes_that_mean_nothing_are_skipped() {
    reads("a\0b \0c\r\nd\r\n", &["1: ab c", "2: d"]);
    reads("a \\\r\nb", &["1: a b"]);
    reads("\u{feff}a é\u{a0}b \u{80}c", &["1: \u{feff}a é\u{a0}b \u{80}c"]);
}

#[test]
fn nesting_is_bounded() {
    let openings = [
        "(",
        "$(",
        "((",
        "$((",
        "$[",
        "${a[",
        "${a:",
        "${a:-",
        "${a/",
        "\"$(",
        "<(",
        "{ ",
        "if ",
        "while ",
        "for a in b; do ",
        "case a in b) ",
        "f() ",
        "function f ",
        "time ",
        "coproc ",
        "coproc a { ",
        "[[ -n $(",
        "a[",
        "> $(",
        "a=($(",
        "cat <<E\n$(",
        "select a; do ",
        "((a?",
    ];
    for opening in openings {
        assert_eq!(shell(opening.repeat(100_000).as_bytes()).map_err(|error| error.kind), Err(ErrorKind::Bound), "{opening}");
    }
    accepts(&[&format!("{}a{}", "$(".repeat(MAX_NESTING), ")".repeat(MAX_NESTING))]);
    refuses(ErrorKind::Bound, &[&format!("{}a{}", "$(".repeat(MAX_NESTING + 1), ")".repeat(MAX_NESTING + 1))]);
}

#[test]
fn chains_are_no_nesting() {
    for (link, count) in [("a | ", 100_001), ("a && ", 100_001), ("a; ", 100_001), ("a ||\n", 100_001)] {
        let text = format!("{}a", link.repeat(count - 1));
        let script = shell(text.as_bytes()).expect("a chain");
        assert_eq!(script.commands.len(), count, "{link}");
    }
    for (before, link, after) in
        [("[[ ", "a && ", "a ]]"), ("(( ", "- ", "1 ))"), ("(( ", "a = ", "1 ))"), ("(( ", "a ? b : ", "1 ))"), ("(( ", "1 ** ", "1 ))")]
    {
        accepts(&[&format!("{before}{}{after}", link.repeat(100_000))]);
    }
}

#[test]
fn words_are_bounded() {
    refuses(
        ErrorKind::Bound,
        &[&"a ".repeat(MAX_WORDS + 1), &"a;".repeat(MAX_WORDS / 2 + 1), &"a=1;".repeat(MAX_WORDS + 1), &"> a ".repeat(MAX_WORDS + 1)],
    );
}

fn any_script() -> impl Strategy<Value = Vec<u8>> {
    let mark = prop::sample::select(vec![
        "$", "${", "${a", "}", "$(", "$((", "((", "))", "(", ")", "$[", "[", "]", "`", "\\`", "\\\\\\`", "\"", "'", "$'", "\\", "\\\n",
        "\r\n", "\n", " ", "\t", "\0", ";", ";;", "&", "&&", "|", "||", "<", "<<E", "<<-E", "<<'E'", "\nE\n", ">", "<(", ">(", "#", "!",
        "=", "+=", "[[", "]]", "=~", "if", "then", "fi", "for", "in", "do", "done", "case", "esac", "{", "}", "function", "f()", "time",
        "coproc", "let", "declare", "a", "a=", "a[", "a=(", "1", ":", "?", "@(", "+", "-", "*", "é", "\u{80}", "\u{81}",
    ]);
    let piece = prop_oneof![
        8 => mark.prop_map(|text| text.as_bytes().to_vec()),
        4 => Just(b" ".to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic_and_places_lie_in_the_text(text in any_script()) {
        if let Ok(script) = shell(&text) {
            for command in &script.commands {
                let targets = command.redirects.iter().map(|redirect| &redirect.target);
                for word in script.words_of(command).iter().chain(targets) {
                    prop_assert!(word.span.start <= word.span.end && word.span.end as usize <= text.len());
                    prop_assert!(command.span.start <= word.span.start && word.span.end <= command.span.end);
                    if let WordKind::Process { first: Some(first), .. } = word.kind {
                        prop_assert!(first < script.commands.len());
                    }
                }
            }
            for pipe in &script.pipes {
                prop_assert!(pipe.from < pipe.to && pipe.to < script.commands.len());
            }
        }
    }
}
