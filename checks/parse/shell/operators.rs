//! Operators: which there are, and how far each set of them reaches.
//!
//! Whatever is longer begins with a shorter one, so an operator is found by going on as long as the set knows how.

macro_rules! tokens {
    ($($name:ident $text:literal,)*) => {
        /// What the lexer has before it.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub(super) enum Token {
            $($name,)*
        }

        impl Token {
            /// How it is written, or its name for want of that.
            pub(super) fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

tokens! {
    Nothing "nothing", End "the end", Newline "a line break",
    // A literal that is a whole word, one that may go on, one before the operator of a redirection.
    LitWord "a word", Lit "a word", LitRedir "a descriptor",
    SingleQuote "'", DoubleQuote "\"", Backquote "`", DollarSingle "$'", DollarDouble "$\"",
    Dollar "$", DollarBrace "${", DollarBracket "$[", DollarParen "$(", DollarParens "$((",
    And "&", AndAnd "&&", Or "|", OrOr "||", OrAnd "|&",
    LeftParen "(", LeftParens "((", RightParen ")", LeftBracket "[", RightBracket "]", RightBrace "}",
    Semicolon ";", SemicolonTwice ";;", SemicolonAnd ";&", SemicolonTwiceAnd ";;&",
    Greater ">", GreaterTwice ">>", GreaterAnd ">&", GreaterOr ">|", Less "<", LessGreater "<>", LessAnd "<&",
    LessTwice "<<", LessTwiceMinus "<<-", LessThrice "<<<", AndGreater "&>", AndGreaterTwice "&>>",
    ProcessIn "<(", ProcessOut ">(",
    GlobQuestion "?(", GlobStar "*(", GlobPlus "+(", GlobAt "@(", GlobNot "!(",
    Not "!", Tilde "~", PlusTwice "++", MinusTwice "--", Star "*", StarTwice "**",
    Equal "==", NotEqual "!=", LessEqual "<=", GreaterEqual ">=",
    PlusAssign "+=", MinusAssign "-=", StarAssign "*=", SlashAssign "/=", PercentAssign "%=", AndAssign "&=",
    OrAssign "|=", CaretAssign "^=", LeftAssign "<<=", RightAssign ">>=", Assign "=",
    Plus "+", ColonPlus ":+", Minus "-", ColonMinus ":-", Question "?", ColonQuestion ":?", ColonAssign ":=",
    Percent "%", PercentTwice "%%", Hash "#", HashTwice "##", Caret "^", CaretTwice "^^", Comma ",", CommaTwice ",,",
    At "@", Slash "/", SlashTwice "//", Colon ":",
}

use Token::*;

/// Which operators count.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Operators {
    /// Those of commands.
    Command,
    /// Those inside double quotes and here-documents.
    Quoted,
    /// Those inside `${ }`.
    Parameter,
    /// Those of arithmetic.
    Arithmetic,
}

impl Operators {
    /// The operator that is this character.
    pub(super) fn first(self, byte: u8) -> Option<Token> {
        Some(match (self, byte) {
            (Self::Command | Self::Quoted, b'"') => DoubleQuote,
            (Self::Command | Self::Quoted, b'`') => Backquote,
            (Self::Command | Self::Quoted, b'$') => Dollar,
            (Self::Command, b'\'') => SingleQuote,
            (Self::Command, b';') => Semicolon,
            (Self::Command | Self::Arithmetic, b'(') => LeftParen,
            (Self::Command | Self::Arithmetic, b')') => RightParen,
            (Self::Command | Self::Arithmetic, b'|') => Or,
            (Self::Command | Self::Arithmetic, b'&') => And,
            (Self::Command | Self::Arithmetic, b'>') => Greater,
            (Self::Command | Self::Arithmetic, b'<') => Less,
            (Self::Parameter, b'}') => RightBrace,
            (Self::Parameter, b'@') => At,
            (Self::Arithmetic, b'~') => Tilde,
            (Self::Parameter | Self::Arithmetic, _) => match byte {
                b'#' => Hash,
                b'!' => Not,
                b':' => Colon,
                b'-' => Minus,
                b'+' => Plus,
                b'=' => Assign,
                b'?' => Question,
                b'%' => Percent,
                b'[' => LeftBracket,
                b']' => RightBracket,
                b'/' => Slash,
                b'^' => Caret,
                b',' => Comma,
                b'*' => Star,
                _ => return None,
            },
            _ => return None,
        })
    }

    /// The operator that `token` becomes with one more character.
    pub(super) fn longer(self, token: Token, byte: u8) -> Option<Token> {
        match self {
            Self::Command => command(token, byte).or_else(|| dollar(token, byte)),
            Self::Quoted => dollar(token, byte),
            Self::Parameter => parameter(token, byte),
            Self::Arithmetic => arithmetic(token, byte),
        }
    }
}

fn dollar(token: Token, byte: u8) -> Option<Token> {
    Some(match (token, byte) {
        (Dollar, b'{') => DollarBrace,
        (Dollar, b'[') => DollarBracket,
        (Dollar, b'(') => DollarParen,
        (DollarParen, b'(') => DollarParens,
        _ => return None,
    })
}

fn command(token: Token, byte: u8) -> Option<Token> {
    Some(match (token, byte) {
        (Dollar, b'\'') => DollarSingle,
        (Dollar, b'"') => DollarDouble,
        (And, b'&') => AndAnd,
        (And, b'>') => AndGreater,
        (AndGreater, b'>') => AndGreaterTwice,
        (Or, b'|') => OrOr,
        (Or, b'&') => OrAnd,
        (LeftParen, b'(') => LeftParens,
        (Semicolon, b';') => SemicolonTwice,
        (Semicolon, b'&') => SemicolonAnd,
        (SemicolonTwice, b'&') => SemicolonTwiceAnd,
        (Less, b'<') => LessTwice,
        (Less, b'>') => LessGreater,
        (Less, b'&') => LessAnd,
        (Less, b'(') => ProcessIn,
        (LessTwice, b'-') => LessTwiceMinus,
        (LessTwice, b'<') => LessThrice,
        (Greater, b'>') => GreaterTwice,
        (Greater, b'&') => GreaterAnd,
        (Greater, b'|') => GreaterOr,
        (Greater, b'(') => ProcessOut,
        _ => return None,
    })
}

fn parameter(token: Token, byte: u8) -> Option<Token> {
    Some(match (token, byte) {
        (Colon, b'+') => ColonPlus,
        (Colon, b'-') => ColonMinus,
        (Colon, b'?') => ColonQuestion,
        (Colon, b'=') => ColonAssign,
        (Percent, b'%') => PercentTwice,
        (Hash, b'#') => HashTwice,
        (Slash, b'/') => SlashTwice,
        (Caret, b'^') => CaretTwice,
        (Comma, b',') => CommaTwice,
        _ => return None,
    })
}

fn arithmetic(token: Token, byte: u8) -> Option<Token> {
    Some(match (token, byte) {
        (Not, b'=') => NotEqual,
        (Assign, b'=') => Equal,
        (And, b'&') => AndAnd,
        (And, b'=') => AndAssign,
        (Or, b'|') => OrOr,
        (Or, b'=') => OrAssign,
        (Less, b'<') => LessTwice,
        (Less, b'=') => LessEqual,
        (LessTwice, b'=') => LeftAssign,
        (Greater, b'>') => GreaterTwice,
        (Greater, b'=') => GreaterEqual,
        (GreaterTwice, b'=') => RightAssign,
        (Plus, b'+') => PlusTwice,
        (Plus, b'=') => PlusAssign,
        (Minus, b'-') => MinusTwice,
        (Minus, b'=') => MinusAssign,
        (Percent, b'=') => PercentAssign,
        (Star, b'*') => StarTwice,
        (Star, b'=') => StarAssign,
        (Slash, b'=') => SlashAssign,
        (Caret, b'=') => CaretAssign,
        _ => return None,
    })
}
