//! Which texts are refused, as what, and where.

use super::{accepts, refuses};
use crate::parse::shell::{ErrorKind, shell};

#[test]
fn what_is_not_utf8_is_an_error_where_reading_arrives() {
    for text in [&b"a \xff"[..], b"# \xc3", b"cat <<'E'\n\xf0\x90\nE\n", b"a\n'\xed\xa0\x80'"] {
        assert_eq!(shell(text).map_err(|error| error.kind), Err(ErrorKind::Parse), "{text:?}");
    }
    assert_eq!(shell(b"${ a; }\n\xff").map_err(|error| error.kind), Err(ErrorKind::Lang));
    assert_eq!(shell(b"a\nb \xff").map_err(|error| error.line), Err(2));
}

#[test]
fn constructs_of_mksh_are_told_apart() {
    refuses(
        ErrorKind::Lang,
        &["${ x; }", "${|x}", "${ }", "${\tx}", "${%x}", "${x@#}", "$((#1))", "$(( # 1 ))", "((#1))", "$[#1]", "case x {", "case x\n{"],
    );
    refuses(ErrorKind::Lang, &["\"${ x }\"", "cat <<E\n${ x }\nE\n"]);
    refuses(ErrorKind::Parse, &["let #1", "a[#1]", "$((1 + #2))"]);
    accepts(&["'${ x }'", "# ${ x }", "\"\\${ x }\"", "cat <<'E'\n${ x }\nE\n"]);
}

#[test]
fn expansions_that_bash_would_take_are_refused() {
    refuses(
        ErrorKind::Parse,
        &[
            "${}",
            "${a b}",
            "${a.b}",
            "${{ a }}",
            "${1a}",
            "${a~}",
            "${a~~}",
            "${a@Z}",
            "${#a:1}",
            "${#a%x}",
            "${##x}",
            "${a:}",
            "${a::}",
            "${a:1:}",
            "${a: }",
            "${a[]}",
            "${a[b c]}",
            "${a[b:c]}",
            "${a|b}",
            "${a;b}",
            "${a&b}",
            "${a*}",
            "${a!}",
            "${$a}",
            "${a$b}",
            "${\"a\"}",
            "${=a}",
            "${^a}",
            "${+a}",
            "${(f)a}",
            "${1[0]}",
        ],
    );
    accepts(&["${a@Q}", "${#-}", "${#-x}", "${!a}", "${!a*}", "${!a[@]}", "${x:h}", "${a^^}", "${a//b/c}", "${a: -1}", "${#a[@]}", "$a$"]);
}

#[test]
fn arithmetic_is_checked() {
    refuses(
        ErrorKind::Parse,
        &[
            "$((1++))",
            "$((1 + ))",
            "$((a b))",
            "$((x ? 1))",
            "$((1 = 1))",
            "$((a ? b : c = d))",
            "$(( ))",
            "(( ))",
            "$((a; b))",
            "$((x%%2))",
            "let",
            "let x = 1",
            "((a) || (b))",
            "((a; b))",
            "((a) )",
            "$((b) && (c))",
            "$((b) )",
            "$((:))",
            "$((? 1))",
        ],
    );
    accepts(&[
        "$( (b) )",
        "$((a ? b : c ? d : e))",
        "$((a = b = c))",
        "$((2 ** 3 ** 4, -a++, ++b))",
        "let x=1 y++",
        "$((a[1]++))",
        "$((\n1\n))",
    ]);
}

#[test]
fn tests_are_checked() {
    refuses(
        ErrorKind::Parse,
        &[
            "[[ ]]",
            "[[ a b ]]",
            "[[ a -a b ]]",
            "[[ a -foo b ]]",
            "[[ a ==b ]]",
            "[[ -f ]]",
            "[[ a =~ b c ]]",
            "[[ x == (a|b) ]]",
            "[[ a == b == c ]]",
            "[[ a",
            "[[ a && ]]",
            "[[ ( a ]]",
        ],
    );
    accepts(&["[ a ]]", "[[a]]", "[[ a =~ (b c) ]]", "[[ a =~ ^b$ && ! -e c ]]", "[[ ( a || b ) && c < d ]]", "[[ a\n&&\nb ]]"]);
}

#[test]
fn arrays_and_declarations_are_checked() {
    refuses(
        ErrorKind::Parse,
        &[
            "a=(1) cmd",
            "a[0] b",
            "a[0]=1 cmd",
            "a[1]=(b)",
            "a[]=b",
            "a[b c]=d",
            "a+=([b]+=c)",
            "a=([d e]=f)",
            "eval a=(b)",
            "export 1a=b",
            "export a-b=c",
            "declare a.b=c",
            "a= (b)",
            "a=b(c)",
            "a=( (1) )",
            "a=(b;c)",
        ],
    );
    accepts(&["export a-b", "1a=b", "a-b=c", "a=([1]=b\n# c\nd)", "declare -A a=([b]=c) d", "local a[1]", "a[1+b]=c"]);
    // A place of `=` is believed although its literal is gone.
    refuses(ErrorKind::Parse, &["export a=1 \"b\""]);
}

#[test]
fn commands_are_checked() {
    refuses(
        ErrorKind::Parse,
        &[
            "!",
            "! ! a",
            "for $i in a; do b; done",
            "\"f\"() { a; }",
            "$f() { a; }",
            "function 'f' { a; }",
            "function f ( a )",
            "f(x)",
            "echo f(x)",
            "f x() { a; }",
            "echo ((1))",
            "&& a",
            "| a",
            "a ; ; b",
            "a & ; b",
            "a && ; b",
            "a | ! b",
            "{ a; } b",
            "( a ) b",
            "a >",
            "a > > b",
            "if x; then fi",
            "if x then y; fi",
            "while a; do done",
            "if a; then b; else fi",
            "fi",
            "done",
            "then",
            "do",
            "esac",
            "}",
            ")",
            "]]",
            ";;",
            "a;;",
            "{ x }",
            "{x; }",
            "f() { x }",
            "ls *.(a|b)",
            "if (( x )) {",
            "for x (a b)",
            "if a; then b; end",
        ],
    );
    accepts(&[
        "{ }",
        "( )",
        "f() {}",
        "f() {\n# a\n}",
        "if; then :; fi",
        "while; do :; done",
        "if a; then\nfi",
        "f() x",
        "function f x",
        "else",
        "in",
        "echo @(a|b) *(.)",
        "case x in @(a|b)) c;; esac",
        "case in in in) a;; esac",
        "{% if x %}",
        "{{ x }}",
        "@x@",
        "time",
        "echo }",
        "foo\\",
        "a=b",
        "f() { a; } > b",
    ]);
}

#[test]
fn quotes_must_close() {
    refuses(
        ErrorKind::Parse,
        &["'a", "\"a", "`a", "$(a", "<(a", "{ a", "( a", "\"${a:-it's}\"", "\"${a//'/}\"", "@(a", "$'a\\'", "cat <<E\n$(a\nE\n"],
    );
    refuses(ErrorKind::Parse, &["cat <<E", "cat <<E\na\n E\n", "$(cat <<E\nE)", "cat <<$X\n$X\n", "cat <<${X}\na\n", "cat <<$(x)\na\n"]);
}

#[test]
fn errors_say_where() {
    let error = shell(b"a\nb\n'c\n").expect_err("unclosed");
    assert_eq!(error.line, 3);
    assert_eq!(error.to_string(), "line 3: no closing quote `'`");
}
