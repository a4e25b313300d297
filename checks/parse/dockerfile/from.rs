//! The images that a Dockerfile builds on.

use std::collections::HashMap;

use super::{Dockerfile, DockerfileError, Problem};
use crate::path;

/// The image that a FROM names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseImage {
    /// The first line of the FROM.
    pub first: u32,
    /// Its last line.
    pub last: u32,
    /// The image as it is written.
    pub written: Vec<u8>,
    /// The image with the build arguments put in that have a default value.
    pub image: Vec<u8>,
    /// What it is called for later stages, build arguments put in.
    pub alias: Option<Vec<u8>>,
    /// The platform that a flag asks for.
    pub platform: Option<String>,
    /// Whether it is `scratch`, which is no image.
    pub scratch: bool,
    /// Which base image of the list it names by its alias, if any: the latest one that is called so.
    pub stage: Option<usize>,
    /// What names its content.
    pub digest: Option<Digest>,
}

/// What stands where a digest stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Digest {
    /// At least 64 hexadecimal digits in lower case.
    Literal,
    /// A variable whose value is not known. The reference takes it for a digest.
    Variable,
}

impl BaseImage {
    /// The resolved image in two: what stands before the first colon, and what behind it.
    #[must_use]
    pub fn name_and_version(&self) -> (&[u8], Option<&[u8]>) {
        match memchr::memchr(b':', &self.image) {
            Some(colon) => (&self.image[..colon], Some(&self.image[colon + 1..])),
            None => (&self.image, None),
        }
    }
}

/// The images of all instructions that are spelt `FROM`, in their order, `scratch` included.
///
/// An image of a stage is as good as that of the stage it names. Build arguments are those of `ARG` so far, wherever they
/// stand. Where the value of one names another the reference's answer is random; here the one that is declared later is
/// put in first, as the order of a build demands. What does not write `${NAME}` is left as it is.
///
/// # Errors
/// A FROM that has other words than an image, or an image, `AS` and a name; and a bound on what the arguments grow to.
pub fn base_images(dockerfile: &Dockerfile) -> Result<Vec<BaseImage>, DockerfileError> {
    let mut arguments = Arguments::default();
    let mut aliases: HashMap<Vec<u8>, usize> = HashMap::new();
    let mut images: Vec<BaseImage> = Vec::new();
    for instruction in &dockerfile.instructions {
        match &*instruction.keyword {
            "ARG" => instruction.words.iter().for_each(|word| arguments.declare(word)),
            "FROM" => {
                let at = |problem: Problem| problem.at(instruction.first);
                let words = instruction.words.iter().map(|word| arguments.put_into(word)).collect::<Result<Vec<_>, _>>().map_err(at)?;
                let image = words.first().ok_or_else(|| at(Problem::BadFrom))?;
                let scratch = path::eq_fold(image, "scratch");
                let alias = match &words[..] {
                    [_, word, alias] if path::eq_fold(word, "as") => Some(alias.clone()),
                    [_] => None,
                    _ if scratch => None,
                    _ => return Err(at(Problem::BadFrom)),
                };
                let stage = if scratch { None } else { aliases.get(image).copied() };
                if let Some(alias) = &alias {
                    aliases.insert(alias.clone(), images.len());
                }
                images.push(BaseImage {
                    first: instruction.first,
                    last: instruction.last,
                    written: instruction.words[0].clone(),
                    digest: if scratch { None } else { digest(image) },
                    image: image.clone(),
                    alias,
                    platform: instruction.flag("platform").map(str::to_owned),
                    scratch,
                    stage,
                });
            }
            _ => {}
        }
    }
    Ok(images)
}

fn digest(image: &[u8]) -> Option<Digest> {
    let is_hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let closed = memchr::memrchr(b'}', image);
    memchr::memmem::find_iter(image, b"@sha256:").find_map(|at| {
        let at = at + b"@sha256:".len();
        let rest = &image[at..];
        if rest.get(..64).is_some_and(|digits| digits.iter().all(is_hex)) {
            Some(Digest::Literal)
        } else if rest.starts_with(b"${") && closed.is_some_and(|closed| closed > at) {
            Some(Digest::Variable)
        } else {
            None
        }
    })
}

/// The build arguments so far.
struct Arguments {
    /// The value of each, and when it was declared.
    values: HashMap<Vec<u8>, (usize, Vec<u8>)>,
    declared: usize,
    /// How many bytes may still be looked at: values that name others several times double what they grow to.
    budget: usize,
}

impl Default for Arguments {
    fn default() -> Self {
        Self { values: HashMap::new(), declared: 0, budget: 16 << 20 }
    }
}

impl Arguments {
    fn declare(&mut self, word: &[u8]) {
        if let Some(equals) = memchr::memchr(b'=', word) {
            self.declared += 1;
            self.values.insert(word[..equals].to_vec(), (self.declared, word[equals + 1..].to_vec()));
        }
    }

    /// Puts arguments into a word, one after the other, the one declared last first.
    fn put_into(&mut self, word: &[u8]) -> Result<Vec<u8>, Problem> {
        let mut word = word.to_vec();
        let mut before = usize::MAX;
        loop {
            self.budget = self.budget.checked_sub(word.len()).ok_or(Problem::TooLong)?;
            let named = names(&word).filter_map(|name| Some((name, self.values.get(name)?)));
            let Some((name, (declared, value))) = named.filter(|(_, (at, _))| *at < before).max_by_key(|(_, (at, _))| *at) else {
                return Ok(word);
            };
            let (name, mut out, mut rest) = ([b"${", name, b"}"].concat(), Vec::new(), &word[..]);
            while let Some(at) = memchr::memmem::find(rest, &name) {
                out.extend_from_slice(&rest[..at]);
                out.extend_from_slice(value);
                rest = &rest[at + name.len()..];
                if out.len() > self.budget {
                    return Err(Problem::TooLong);
                }
            }
            out.extend_from_slice(rest);
            before = *declared;
            word = out;
        }
    }
}

/// What stands in `${..}`, without what is nested in it.
fn names(word: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut parts = word.split(|byte| *byte == b'}');
    // No brace closes the last one.
    parts.next_back();
    parts.filter_map(|part| Some(&part[memchr::memmem::rfind(part, b"${")? + 2..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::dockerfile::dockerfile;

    const HEX: &str = "9b1f0c3d5e7a8264b0d9f1e3c5a7081624354657687980a1b2c3d4e5f6071829";

    fn images(text: &str) -> Result<Vec<BaseImage>, DockerfileError> {
        base_images(&dockerfile(text.replace("HEX", HEX).as_bytes())?)
    }

    /// `image` as resolved; `S` scratch, `D` digest, `V` variable for one, `<n` stage n.
    fn shown(text: &str) -> Vec<String> {
        let one = |image: BaseImage| {
            let mut out = String::from_utf8_lossy(&image.image).replace(HEX, "HEX");
            if let Some(alias) = &image.alias {
                out += &format!(" AS {}", String::from_utf8_lossy(alias));
            }
            out += if image.scratch { " S" } else { "" };
            out += match image.digest {
                Some(Digest::Literal) => " D",
                Some(Digest::Variable) => " V",
                None => "",
            };
            image.stage.map_or(out.clone(), |stage| format!("{out} <{stage}"))
        };
        images(text).expect(text).into_iter().map(one).collect()
    }

    #[test]
    fn digests() {
        let text =
            "FROM a@sha256:HEX\nFROM a@sha256:HEX99\nFROM a:1@sha256:HEX\nFROM a@sha512:HEXHEX\nFROM a:sha256-HEX\nFROM a@sha256:${X}";
        let want = ["a@sha256:HEX D", "a@sha256:HEX99 D", "a:1@sha256:HEX D", "a@sha512:HEXHEX", "a:sha256-HEX", "a@sha256:${X} V"];
        assert_eq!(shown(text), want);
        assert_eq!(digest(format!("a@sha256:{}", HEX.to_uppercase()).as_bytes()), None);
        assert_eq!(digest(format!("a@sha256:{}", &HEX[1..]).as_bytes()), None);
        assert_eq!(digest(format!("a@sha256:x@sha256:{HEX}").as_bytes()), Some(Digest::Literal));
        assert_eq!(digest(b"a@sha256:${x"), None);
        assert_eq!(digest(b"}a@sha256:${x"), None);
        assert_eq!(digest(b"a@sha256:v2"), None);
    }

    #[test]
    fn arguments_are_put_in() {
        let text = "ARG DIG=sha256:HEX OTHER\nARG HEX=HEX\nFROM a@${DIG}\nFROM a@$DIG\nFROM a@${DIG:-x}\nFROM b:${OTHER}${LATER}\nARG LATER=1\nFROM b:${LATER}";
        assert_eq!(shown(text), ["a@sha256:HEX D", "a@$DIG", "a@${DIG:-x}", "b:${OTHER}${LATER}", "b:1"]);
        assert_eq!(shown("ARG B=\"debian AS x\"\nFROM ${B}"), ["\"debian AS x\""]);
        assert_eq!(shown("ARG SUM=latest\nFROM a@sha256:${SUM}"), ["a@sha256:latest"]);
        assert_eq!(shown("ARG X=scratch A=as\nFROM ${X} ${A} b\nFROM b"), ["scratch AS b S", "b <0"]);
        assert_eq!(shown("arg X=1\nArg X=2\nONBUILD ARG X=3\nFROM a:${X}"), ["a:${X}"]);
        assert_eq!(shown("ARG X=1=2\nARG X=3\nFROM a:${X}"), ["a:3"]);
    }

    #[test]
    fn the_later_argument_goes_in_first() {
        assert_eq!(shown("ARG A=1\nARG B=${A}\nFROM x:${B}"), ["x:1"]);
        assert_eq!(shown("ARG B=${A}\nARG A=1\nFROM x:${B}"), ["x:${A}"]);
        assert_eq!(shown("ARG A=${A}\nFROM x:${A}"), ["x:${A}"]);
    }

    #[test]
    fn stages() {
        let text = "FROM base@sha256:HEX AS Build\nFROM build\nFROM Build\nFROM debian As Build\nFROM Build";
        assert_eq!(shown(text), ["base@sha256:HEX AS Build D", "build", "Build <0", "debian AS Build", "Build <3"]);
        assert_eq!(shown("ARG V=12\nFROM d AS d-${V}\nFROM d-12\nFROM d-$V"), ["d AS d-12", "d-12 <0", "d-$V"]);
        assert_eq!(shown("FROM x as x\nFROM x as x"), ["x AS x", "x AS x <0"]);
        assert_eq!(shown("FROM SCRATCH AS s\nFROM s\nFROM scratch"), ["SCRATCH AS s S", "s <0", "scratch S"]);
    }

    #[test]
    fn forms() {
        assert_eq!(shown("FROM scratch foo bar baz\nFROM scratch # empty\nFROM scratch as"), ["scratch S", "scratch S", "scratch S"]);
        for text in
            ["FROM", "FROM a b", "FROM a AS", "FROM a # b", "FROM a # b c", "FROM --platform p a AS b", "FROM {{ .Base }}", "FROM --x=y"]
        {
            assert_eq!(images(&format!("\nRUN x\n{text}")), Err(Problem::BadFrom.at(3)), "{text}");
        }
        assert_eq!(shown("from a b c\nFrom a b\nONBUILD FROM x y\nRUN x"), [""; 0]);
        let image = images("# x\nFROM --platform=$BUILDPLATFORM \\\n  r:5/a:1 \\\nAS b").expect("it parses").remove(0);
        assert_eq!((image.first, image.last, image.platform.as_deref()), (2, 4, Some("$BUILDPLATFORM")));
        assert_eq!(image.name_and_version(), (&b"r"[..], Some(&b"5/a:1"[..])));
    }

    #[test]
    fn growth_is_bounded() {
        let doubling: String = (1..60).map(|n| format!("ARG A{n}=${{A{}}}${{A{}}}\n", n - 1, n - 1)).collect();
        assert_eq!(images(&format!("ARG A0=x\n{doubling}FROM ${{A59}}")), Err(Problem::TooLong.at(61)));
        let many: String = (0..9_000).map(|n| format!("ARG A{n}=x\n")).collect();
        assert!(images(&format!("{many}{}", "FROM ${A7}\n".repeat(9_000))).is_ok());
        let long = format!("ARG A={}\n{}", "x".repeat(60_000), "FROM ${A}\n".repeat(1_000));
        assert!(images(&long).expect_err("it grows").problem.is_bound());
        assert!(images(&format!("FROM {}", "${".repeat(30_000))).is_ok());
    }
}
