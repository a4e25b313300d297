//! Project files of .NET: whether packages are locked, and whether their versions are fixed in one place.
//!
//! Only what stands directly in a group directly in the project counts, whatever its conditions; nothing is evaluated.

use super::xml::{Event, Reader, XmlError};
use crate::path;

/// What a `*.csproj` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProjectFile {
    /// Whether a group sets `RestoreLockedMode`: restoring fails where the lock file does not fit.
    pub restore_locked_mode: bool,
    /// Whether a group sets `AllowUnsafeBlocks`.
    pub allow_unsafe_blocks: bool,
}

/// What a `Directory.*.props` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DirectoryProps {
    /// Whether a group sets `ManagePackageVersionsCentrally`. Unless it does, the versions mean nothing.
    pub central: bool,
    /// The versions of packages, in their order.
    pub versions: Vec<PackageVersion>,
}

/// A `PackageVersion` item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackageVersion {
    /// Its attribute `Include`; empty without one.
    pub package: String,
    /// Its attribute `Version`; empty without one.
    pub version: String,
    /// The line on which its tag ends.
    pub line: u32,
}

impl PackageVersion {
    /// Whether the version is one exact version in brackets, like `[1.0.1]`. What stands in them may be a property.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        let inner = self.version.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        inner.is_some_and(|inner| !inner.is_empty() && !inner.contains(['[', ',']))
    }
}

/// Whether a path is that of a project file, by its ending in any case. Whether it lies among test data is the caller's
/// to ask.
#[must_use]
pub fn is_project_file(file: &[u8]) -> bool {
    // No character beyond ASCII has a letter of this ending for its lower case.
    path::ends_with(file, ".csproj")
}

/// Whether a path is that of a file of properties for a folder: `Directory.*.props` in any case. Whether it lies among
/// test data is the caller's to ask.
#[must_use]
pub fn is_directory_props(file: &[u8]) -> bool {
    if !path::ends_with(file, ".props") {
        return false;
    }
    let name = path::lower(path::name(file));
    name.strip_prefix(b"directory.").is_some_and(|rest| rest.ends_with(b".props"))
}

/// Reads a `*.csproj`.
///
/// # Errors
/// What is no XML, has another root than `Project`, or gives one of the two properties a value that is no boolean.
pub fn project_file(text: &[u8]) -> Result<ProjectFile, XmlError> {
    let properties = [b"RestoreLockedMode".as_slice(), b"AllowUnsafeBlocks"];
    let ([restore_locked_mode, allow_unsafe_blocks], _) = read(text, properties)?;
    Ok(ProjectFile { restore_locked_mode, allow_unsafe_blocks })
}

/// Reads a `Directory.*.props`.
///
/// # Errors
/// What is no XML, has another root than `Project`, or gives the property a value that is no boolean.
pub fn directory_props(text: &[u8]) -> Result<DirectoryProps, XmlError> {
    let ([central], versions) = read(text, [b"ManagePackageVersionsCentrally".as_slice()])?;
    Ok(DirectoryProps { central, versions })
}

/// What an element that is open means to us.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Nothing,
    Properties,
    Items,
    Property(usize),
}

/// Which of some properties any group sets, and the versions of packages.
fn read<const N: usize>(text: &[u8], properties: [&[u8]; N]) -> Result<([bool; N], Vec<PackageVersion>), XmlError> {
    let mut reader = Reader::new(text);
    let (mut any, mut group) = ([false; N], [false; N]);
    let (mut inside, mut value, mut versions) = (Inside::Nothing, Vec::new(), Vec::new());
    loop {
        match reader.next()? {
            Event::Start(name, attributes) => match (reader.depth(), name) {
                (1, b"Project") => {}
                (1, _) => return Err(reader.error("the root is no Project")),
                (2, _) => {
                    inside = match name {
                        b"PropertyGroup" => Inside::Properties,
                        b"ItemGroup" => Inside::Items,
                        _ => Inside::Nothing,
                    };
                    group = [false; N];
                }
                (3, _) if inside == Inside::Properties => {
                    if let Some(index) = properties.iter().position(|property| *property == name) {
                        inside = Inside::Property(index);
                        value.clear();
                    }
                }
                (3, b"PackageVersion") if inside == Inside::Items => {
                    let mut item = PackageVersion { line: reader.line(), ..PackageVersion::default() };
                    for (name, value) in attributes {
                        match name {
                            b"Include" => item.package = String::from_utf8_lossy(&value).into_owned(),
                            b"Version" => item.version = String::from_utf8_lossy(&value).into_owned(),
                            _ => {}
                        }
                    }
                    versions.push(item);
                }
                _ => {}
            },
            Event::Text(text) if reader.depth() == 3 && matches!(inside, Inside::Property(_)) => value.extend(text),
            Event::Text(_) => {}
            Event::End => match (reader.depth(), inside) {
                (0, _) => return Ok((any, versions)),
                (1, _) => {
                    for (any, group) in any.iter_mut().zip(group) {
                        *any |= group;
                    }
                    inside = Inside::Nothing;
                }
                // The last of two values in a group counts.
                (2, Inside::Property(index)) => {
                    group[index] = boolean(&value).ok_or("a value that is no boolean").map_err(|what| reader.error(what))?;
                    inside = Inside::Properties;
                }
                _ => {}
            },
        }
    }
}

/// A boolean as the reference's language writes it. Nothing at all is false, but blanks are no value.
fn boolean(text: &[u8]) -> Option<bool> {
    if text.is_empty() {
        return Some(false);
    }
    match std::str::from_utf8(text).ok()?.trim() {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locked(text: &str) -> Result<bool, XmlError> {
        project_file(text.as_bytes()).map(|file| file.restore_locked_mode)
    }

    fn in_group(value: &str) -> Result<bool, XmlError> {
        locked(&format!("<Project>\n<PropertyGroup><RestoreLockedMode>{value}</RestoreLockedMode></PropertyGroup>\n</Project>"))
    }

    #[test]
    fn booleans() {
        for value in
            ["1", "t", "T", "true", "TRUE", "True", " true\n", "<!-- x -->true", "<![CDATA[true]]>", "tr<x>false</x>ue", "&#116;rue"]
        {
            assert_eq!(in_group(value), Ok(true), "{value}");
        }
        for value in ["", "0", "f", "F", "false", "FALSE", "False", "<!-- x -->", "<x>true</x>"] {
            assert_eq!(in_group(value), Ok(false), "{value}");
        }
        for value in [" ", "yes", "tRue", "$(CI)", "truefalse", "&nbsp;"] {
            assert_eq!(in_group(value).map_err(|error| error.line), Err(2), "{value}");
        }
    }

    #[test]
    fn places() {
        let on = "<RestoreLockedMode>true</RestoreLockedMode>";
        for text in [
            format!("<Project><PropertyGroup Condition='x'>{on}</PropertyGroup></Project>"),
            format!("<x:Project xmlns='y'><z:PropertyGroup>{on}</z:PropertyGroup></x:Project> & rest"),
            format!("<Project><PropertyGroup>{on}</PropertyGroup><PropertyGroup/></Project>"),
            format!("<Project><PropertyGroup><RestoreLockedMode/>{on}</PropertyGroup></Project>"),
            format!("\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Project><PropertyGroup>{on}</PropertyGroup></Project>"),
        ] {
            assert_eq!(locked(&text), Ok(true), "{text}");
        }
        for text in [
            "<Project/>".to_owned(),
            format!("<Project>{on}</Project>"),
            format!("<Project><propertygroup>{on}</propertygroup></Project>"),
            format!("<Project><Choose><When><PropertyGroup>{on}</PropertyGroup></When></Choose></Project>"),
            format!("<Project><PropertyGroup><x>{on}</x></PropertyGroup></Project>"),
            format!("<Project><PropertyGroup>{on}<RestoreLockedMode>0</RestoreLockedMode></PropertyGroup></Project>"),
            "<Project><PropertyGroup><restoreLockedMode>x</restoreLockedMode></PropertyGroup></Project>".to_owned(),
        ] {
            assert_eq!(locked(&text), Ok(false), "{text}");
        }
        for text in ["", "<Proj/>", "<project/>", "<Project>", "<?xml version='1.0' encoding='utf-16'?><Project/>"] {
            assert!(locked(text).is_err(), "{text}");
        }
        assert!(locked("<Project><PropertyGroup><AllowUnsafeBlocks>x</AllowUnsafeBlocks></PropertyGroup></Project>").is_err());
        assert!(directory_props(b"<Project><PropertyGroup><RestoreLockedMode>x</RestoreLockedMode></PropertyGroup></Project>").is_ok());
        assert!(locked(&format!("<Project>{}", "<a>".repeat(100_000))).is_err());
        let many = format!("<Project><ItemGroup>{}</ItemGroup></Project>", "<PackageVersion/>\n".repeat(50_000));
        assert_eq!(directory_props(many.as_bytes()).expect("it parses").versions[49_999].line, 50_000);
    }

    #[test]
    fn central_versions() {
        let text = b"<Project>\n<PropertyGroup><ManagePackageVersionsCentrally>true</ManagePackageVersionsCentrally></PropertyGroup>\n\
            <ItemGroup><PackageVersion Include='a' Version='[1.0]' />\n<PackageVersion Include='b'><Version>[1.0]</Version></PackageVersion>\n\
            <x><PackageVersion Version='9'/></x><Other Version='8'/></ItemGroup><PackageVersion Version='7'/></Project>";
        let props = directory_props(text).expect("it parses");
        let item = |package: &str, version: &str, line| PackageVersion { package: package.to_owned(), version: version.to_owned(), line };
        assert!(props.central);
        assert_eq!(props.versions, [item("a", "[1.0]", 3), item("b", "", 4)]);
        assert_eq!(directory_props(b"<Project/>"), Ok(DirectoryProps::default()));
    }

    #[test]
    fn exact_versions() {
        let is_exact = |version: &str| PackageVersion { version: version.to_owned(), ..PackageVersion::default() }.is_exact();
        for version in ["[10.1.1]", "[10.1.1-beta]", "[1.0.1-rc.10]", "[1.0]", "[$(Var)]", "[]]"] {
            assert!(is_exact(version), "{version}");
        }
        for version in ["", "[1.0,)", "1.0", "(1.0,)", "(,1.0]", "[1.0,]", "[1.0,2.0]", "1.*", "[]", "[", "[[1]", " [1.0]"] {
            assert!(!is_exact(version), "{version}");
        }
    }

    #[test]
    fn names() {
        assert!(
            is_project_file(b"a/b.CSPROJ")
                && is_project_file(b".csproj")
                && !is_project_file(b"a.fsproj")
                && !is_project_file(b"a.csproj/b")
        );
        for file in ["Directory.Packages.props", "a/directory.BUILD.Props", "Directory..props", "Directory.a.b.props"] {
            assert!(is_directory_props(file.as_bytes()), "{file}");
        }
        for file in ["Directory.props", "Directory.Build.targets", "xDirectory.Build.props", "Directory.a/b.props"] {
            assert!(!is_directory_props(file.as_bytes()), "{file}");
        }
    }
}
