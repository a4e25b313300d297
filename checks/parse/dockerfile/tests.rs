//! Whole files: lines, continuation, comments, here-documents, errors, and hostile texts.

use proptest::prelude::*;

use super::*;

/// `keyword first-last`, and the words, of each instruction.
fn shown(text: &str) -> Vec<String> {
    let one = |instruction: &Instruction| {
        let words: Vec<_> = instruction.words.iter().map(|word| String::from_utf8_lossy(word)).collect();
        format!("{} {}-{} {}", instruction.keyword, instruction.first, instruction.last, words.join("|"))
    };
    dockerfile(text.as_bytes()).expect(text).instructions.iter().map(one).collect()
}

fn problem(text: &str) -> Option<(u32, Problem)> {
    dockerfile(text.as_bytes()).err().map(|error| (error.line, error.problem))
}

#[test]
fn lines_are_joined() {
    assert_eq!(shown("FROM a\n\n# x\nRUN b \\\n  c\nUSER d"), ["FROM 1-1 a", "RUN 4-5 b   c", "USER 6-6 d"]);
    assert_eq!(shown("RUN a \\\n# comment \\\n\n \t\n  # another\n  b\nUSER c"), ["RUN 1-6 a   b", "USER 7-7 c"]);
    assert_eq!(shown("RUN a \\\r\n  b\r\nUSER c \\"), ["RUN 1-2 a   b", "USER 3-3 c"]);
    assert_eq!(shown("RUN a \\\n"), ["RUN 1-1 a"]);
    assert_eq!(shown("\u{feff}  FROM a\n\tFROM b \\\n  AS x"), ["FROM 1-1 a", "FROM 2-3 b|AS|x"]);
    assert_eq!(shown("\\\nFROM a"), ["FROM 1-2 a"]);
    assert_eq!(shown("\\"), [" 1-1 "]);
    assert_eq!(shown("RUN a \\\\\nUSER b"), ["RUN 1-1 a \\\\", "USER 2-2 b"]);
    assert_eq!(shown("RUN a\\\nb"), ["RUN 1-2 ab"]);
    assert_eq!(shown("FROM a \\\n\u{b}\n\u{a0}# x\nAS b"), ["FROM 1-4 a|AS|b"]);
}

#[test]
fn the_escape_character_follows_its_directive() {
    let file = dockerfile(b"# syntax=docker/dockerfile:1\n#  Escape = `\nFROM `\n  debian\nRUN npm i `\n  && pip install c:\\x\\\nUSER x")
        .expect("it parses");
    assert_eq!(file.escape, b'`');
    let lines: Vec<_> = file.instructions.iter().map(|instruction| (instruction.first, instruction.last)).collect();
    assert_eq!(lines, [(3, 4), (5, 6), (7, 7)]);
    assert_eq!(shown("# x\n# escape=`\nUSER a \\\n b"), ["USER 3-4 a  b"]);
    assert_eq!(shown("FROM a\n# escape=^\n"), ["FROM 1-1 a"]);
}

#[test]
fn here_documents() {
    let file = dockerfile(
        b"COPY <<EOF /x\nFROM a\n EOF\r\nEOF\r\nCOPY <<-'A' <<B /y/\n\tFROM a\n\tA\nB\nFROM d\nRUN [\"cat\", \"<<E\"]\nCMD cat <<E\nX\nE",
    )
    .expect("it parses");
    let [first, second, from, ..] = &file.instructions[..] else { panic!("too few") };
    assert_eq!((first.first, first.last, from.first), (1, 4, 9));
    let want = |name: &str, expand, strip_tabs, first, content: &str| Heredoc {
        name: name.to_owned(),
        expand,
        strip_tabs,
        first,
        content: content.as_bytes().to_vec(),
    };
    assert_eq!(first.heredocs, [want("EOF", true, false, 2, "FROM a\n EOF\r\n")]);
    assert_eq!(second.heredocs, [want("A", false, true, 6, "\tFROM a\n"), want("B", true, false, 8, "")]);
    assert_eq!(file.instructions.len(), 7);
    assert_eq!(shown("RUN cat<<E\nfoo\nE"), ["RUN 1-1 cat<<E", "foo 2-2 ", "E 3-3 "]);
    let file = dockerfile(b"ONBUILD RUN <<E\nx\nE\nONBUILD ONBUILD RUN <<E\nx\nE").expect("it parses");
    let counts: Vec<_> = file.instructions.iter().map(|instruction| (instruction.last, instruction.heredocs.len())).collect();
    assert_eq!(counts, [(3, 1), (4, 0), (5, 0), (6, 0)]);
}

#[test]
fn what_is_refused() {
    for (text, want) in [
        ("", (0, Problem::Empty)),
        ("# x\n\n", (0, Problem::Empty)),
        ("\u{feff}# x", (0, Problem::Empty)),
        ("FROM a\nENV x", (2, Problem::Assignment)),
        ("FROM a\nLabel \\\n x", (2, Problem::Assignment)),
        ("Use it well.\n\nEnv\n\nLabel this", (5, Problem::Assignment)),
        ("RUN [ 1 ]", (1, Problem::NotStrings)),
        ("FROM a\nRUN cat <<EOF\nx\n EOF", (2, Problem::Unterminated)),
        ("RUN echo $(( 1<<2 ))\nRUN x", (1, Problem::Unterminated)),
        ("ONBUILD RUN <<E", (1, Problem::Unterminated)),
        ("RUN ${x:-a <<\"b c\"}", (1, Problem::BadMark)),
        ("# escape=^\nFROM a", (1, Problem::BadEscape)),
        ("# syntax=a\n# syntax=b\nFROM a", (2, Problem::DirectiveTwice)),
    ] {
        assert_eq!(problem(text), Some(want), "{text}");
    }
}

#[test]
fn what_is_let_pass() {
    let text = "FROM a\nINCLUDE x\nFORM y\nENV\nLABEL\nENV A =1\nENV =x\nCOPY\nADD a\nUSER\nCMD\nENTRYPOINT [ \"a\", ]\nHEALTHCHECK x\n\
                ONBUILD\nSHELL bash -c\nVOLUME []\nMAINTAINER\nSTOPSIGNAL\nENV A=\"open\n{\n  \"a\": 1\n}";
    assert_eq!(shown(text).len(), 22);
    let unknown = dockerfile(b"INCLUDE x y").expect("it parses").instructions.remove(0);
    assert!(unknown.words.is_empty());
}

#[test]
fn long_lines() {
    let line = |n: usize| format!("FROM a\nRUN {}", "x".repeat(n - 4));
    assert_eq!(problem(&line(65_535)), None);
    assert_eq!(problem(&line(65_536)), Some((2, Problem::LineTooLong)));
    assert_eq!(problem(&(line(65_535) + "\n")), None);
    assert_eq!(problem(&(line(65_535) + "\r\n")), Some((2, Problem::LineTooLong)));
    assert_eq!(problem(&format!("RUN a \\\n{}", line(65_536))), Some((3, Problem::LineTooLong)));
    assert_eq!(problem(&format!("RUN <<E\n{}", line(65_536))), Some((3, Problem::LineTooLong)));
}

#[test]
fn hostile_texts_take_linear_time() {
    let read = |text: &[u8]| {
        let Ok(file) = dockerfile(text) else { return };
        let _ = (base_images(&file), run_scripts(&file));
    };
    let continued = |piece: &str| format!("RUN {}", format!("{piece}\\\n").repeat(20_000));
    for piece in ["<<E ", "${x:-", "'<<", "$((", "[", "\"", "ONBUILD ", "--a ", "<<'"] {
        read(continued(piece).as_bytes());
        read(continued(piece).replacen("RUN", "ONBUILD", 1).as_bytes());
    }
    read("RUN <<A\nA\n".repeat(20_000).as_bytes());
    read(format!("RUN {}\n", "<<A ".repeat(16_000)).as_bytes());
    read("\\\n".repeat(100_000).as_bytes());
    read(&[b"RUN ".as_slice(), &b"[".repeat(60_000)].concat());
    read("FROM a AS b\n".repeat(20_000).as_bytes());
    read(&vec![b'\n'; 500_000]);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in proptest::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(file) = dockerfile(&text) {
            let _ = (base_images(&file), run_scripts(&file));
        }
        let _ = (is_dockerfile(&text), is_dockerfile_text(b"Dockerfile", &text), is_template(&text));
    }

    #[test]
    fn nor_do_the_pieces_of_one(pieces in proptest::collection::vec(
        prop::sample::select(vec![
            "FROM ", "RUN ", "ARG ", "ENV ", "COPY ", "ONBUILD ", "HEALTHCHECK ", "a", "=", "b ", "AS ", "${", "}", "$", "<<", "<<-", "E", "'", "\"", "\\",
            "\n", "\r\n", "\\\n", "# escape=`\n", "`", "[", "]", ",", "\"x\"", "{", ":", "-", "/", "\t", "\u{a0}", "é", "\u{feff}", "--x=", "1",
        ]),
        0..60,
    )) {
        let text = pieces.concat();
        if let Ok(file) = dockerfile(text.as_bytes()) {
            let lines = u32::try_from(text.lines().count()).expect("it is short");
            for instruction in &file.instructions {
                prop_assert!(0 < instruction.first && instruction.first <= instruction.last && instruction.last <= lines);
            }
            let _ = (base_images(&file), run_scripts(&file));
        }
    }
}
