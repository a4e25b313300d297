use std::fmt::Write;

use proptest::prelude::*;

use super::*;
use crate::evidence::{Package, Scope};

/// Reads files, and gives what the last of them depends on.
fn found(files: &[(&str, &str)]) -> Found {
    let read: BTreeMap<RepoPath, Pom> = files.iter().map(|(path, text)| (RepoPath::from(*path), super::read(text.as_bytes()))).collect();
    let own = RepoPath::from(files.last().expect("there is a file").0);
    read[&own].found(&own, &|path| read.get(path))
}

fn shown(package: &Package) -> String {
    let mut shown = format!("{} {}", package.name, package.version);
    if let Some(from) = &package.from {
        let _ = write!(shown, " from {from}");
    }
    if package.overlooked {
        shown += " overlooked";
    }
    shown
}

fn packages(files: &[(&str, &str)]) -> Vec<String> {
    let found = found(files);
    assert_eq!(found.broken, None);
    found.packages.iter().map(shown).collect()
}

fn dependency(artifact: &str, rest: &str) -> String {
    format!("<dependency><groupId>g</groupId><artifactId>{artifact}</artifactId>{rest}</dependency>")
}

fn project(rest: &str) -> String {
    format!(
        "<project xmlns='http://maven.apache.org/POM/4.0.0'><groupId>org.x</groupId><artifactId>app</artifactId><version>1</version>{rest}</project>"
    )
}

/// In the form of <https://maven.apache.org/pom.html#Dependencies>.
#[test]
fn what_is_declared() {
    let text = "<?xml version='1.0' encoding='UTF-8'?>
<project>
  <groupId>org.x</groupId>
  <dependencies>
    <dependency>
      <groupId>junit</groupId>
      <artifactId>junit</artifactId>
      <version> 4.12 </version>
      <type>jar</type>
      <scope>test</scope>
      <optional>true</optional>
    </dependency>
    <dependency><groupId>g</groupId><artifactId>plain</artifactId><version>1</version></dependency>
    <dependency><groupId>g</groupId><artifactId>maybe</artifactId><version>1</version><optional>TRUE</optional></dependency>
    <dependency><groupId>g</groupId><artifactId>given</artifactId><version>1</version><scope>provided</scope></dependency>
    <dependency><groupId>g</groupId><artifactId>later</artifactId><version>1</version><scope>runtime</scope></dependency>
    <dependency><artifactId>groupless</artifactId><version>1</version></dependency>
  </dependencies>
</project>";
    let found = found(&[("pom.xml", text)]);
    let all: Vec<_> =
        found.packages.iter().map(|package| (package.name.as_str(), package.line, package.scope, package.groups.join(" "))).collect();
    let (development, production) = (Some(Scope::Development), Some(Scope::Production));
    assert_eq!(
        all,
        [
            ("junit:junit", Some(5), development, "test".to_owned()),
            ("g:plain", Some(13), production, String::new()),
            ("g:maybe", Some(14), Some(Scope::Optional), String::new()),
            ("g:given", Some(15), development, "provided".to_owned()),
            ("g:later", Some(16), production, "runtime".to_owned()),
        ]
    );
    assert!(found.packages.iter().all(|package| package.direct == Some(true) && !package.overlooked));
}

#[test]
fn versions_of_ranges() {
    let versions = ["[1,2)", "(,3]", "[4]", "LATEST", "[5,6),[7,)", "1.0-[x", "8\n9"];
    let all: String =
        versions.iter().zip('a'..).map(|(version, name)| dependency(&name.to_string(), &format!("<version>{version}</version>"))).collect();
    let text = project(&format!("<dependencies>{all}</dependencies>"));
    let want = ["g:a 1", "g:b  overlooked", "g:c 4", "g:d LATEST", "g:e 5", "g:f 1.0-[x", "g:g 9"];
    assert_eq!(packages(&[("pom.xml", &text)]), want);
}

#[test]
fn properties_and_management() {
    let managed = [
        dependency("a", "<version>${v}</version><scope>test</scope>"),
        dependency("a", "<version>9</version>"),
        dependency("b-${v}", "<version>2</version>"),
        dependency("c", "<version>3</version><classifier>sources</classifier>"),
        dependency("d", "<version>4</version><type>pom</type><scope>import</scope>"),
        dependency("e", "<version>${none}</version>"),
        dependency("e", "<version>5</version>"),
    ];
    let declared = [
        dependency("a", ""),
        dependency("b-1", ""),
        dependency("c", ""),
        dependency("d", "<type>pom</type>"),
        dependency("e", ""),
        dependency("${project.version}", "<version>${project.groupId}</version>"),
        dependency("f", "<version>${none}</version>"),
        dependency("${none}", "<version>1</version>"),
    ];
    let text = project(&format!(
        "<properties><v>0</v><v>1</v></properties><dependencyManagement><dependencies>{}</dependencies></dependencyManagement>\
         <dependencies>{}</dependencies>",
        managed.concat(),
        declared.concat()
    ));
    let want = ["g:a 1", "g:b-1 2", "g:c  overlooked", "g:d  overlooked", "g:e 5", "g:1 org.x", "g:f  overlooked"];
    assert_eq!(packages(&[("pom.xml", &text)]), want);
}

/// Of one key the first counts, of one name the last.
#[test]
fn the_same_artifact_more_than_once() {
    let all = [
        dependency("a", "<version>1</version>"),
        dependency("a", "<version>2</version><type>jar</type>"),
        dependency("b", "<version>1</version>"),
        dependency("b", "<version>2</version><classifier>tests</classifier>"),
        dependency("c", "<version>1</version>"),
        dependency("c", "<version>1</version><type>test-jar</type>"),
    ];
    let text = project(&format!("<dependencies>{}</dependencies>", all.concat()));
    assert_eq!(packages(&[("pom.xml", &text)]), ["g:a 1", "g:b 1 overlooked", "g:b 2", "g:c 1"]);
}

const PARENT: &str = "<project><groupId>org.x</groupId><artifactId>up</artifactId><version>7</version><packaging>pom</packaging>
<properties><far>2</far><both>far</both></properties>
<dependencyManagement><dependencies>
<dependency><groupId>${project.groupId}</groupId><artifactId>m</artifactId><version>${project.version}</version></dependency>
<dependency><groupId>g</groupId><artifactId>n</artifactId><version>${both}</version></dependency>
</dependencies></dependencyManagement>
<dependencies>
<dependency><groupId>g</groupId><artifactId>inherited</artifactId><version>${far}.${both}</version></dependency>
</dependencies></project>";

fn child(relative: &str, rest: &str) -> String {
    format!(
        "<project><parent><groupId>org.x</groupId><artifactId>up</artifactId><version>7</version>{relative}</parent><artifactId>down</artifactId>{rest}</project>"
    )
}

#[test]
fn parents_in_the_repository() {
    let rest = format!(
        "<properties><both>near</both></properties><dependencies>{}{}{}<dependency><groupId>org.x</groupId><artifactId>m</artifactId></dependency></dependencies>",
        dependency("n", ""),
        dependency("own", "<version>${both}</version>"),
        dependency("far", "<version>${far}</version>"),
    );
    let want = |path: &str| {
        [
            "g:n near".to_owned(),
            "g:own near".to_owned(),
            "org.x:m 7".to_owned(),
            format!("g:inherited 2.near from {path}"),
            "g:far 2 overlooked".to_owned(),
        ]
    };
    for (path, relative) in [
        ("pom.xml", ""),
        ("pom.xml", "<relativePath/>"),
        ("pom.xml", "<relativePath>..</relativePath>"),
        ("up/pom.xml", "<relativePath>../up</relativePath>"),
        ("up/other.xml", "<relativePath>../up/./other.xml</relativePath>"),
    ] {
        assert_eq!(packages(&[(path, PARENT), ("down/pom.xml", &child(relative, &rest))]), want(path), "{path} {relative}");
    }
    // What is not there, or is another, is elsewhere.
    let lost = ["g:n  overlooked", "g:own near", "org.x:m  overlooked", "g:far  overlooked"];
    for parent in [
        PARENT.replace("<version>7<", "<version>8<"),
        PARENT.replace("pom</packaging>", "jar</packaging>"),
        PARENT.replace("org.x<", "org.y<"),
    ] {
        let mut found = packages(&[("pom.xml", &parent), ("down/pom.xml", &child("", &rest))]);
        found.sort();
        let mut lost = lost.to_vec();
        lost.sort_unstable();
        assert_eq!(found, lost);
    }
    assert_eq!(packages(&[("a/b/pom.xml", PARENT), ("down/pom.xml", &child("", ""))]), Vec::<String>::new());
}

#[test]
fn parents_that_spoil_a_project() {
    let ok = child("", "<dependencies/>");
    let why = |files: &[(&str, &str)]| found(files).broken.map(|broken| broken.why).unwrap_or_default();
    assert_eq!(why(&[("pom.xml", "<project>"), ("down/pom.xml", &ok)]), "its parent pom.xml cannot be read: it ends too early");
    let circle = PARENT.replace("<packaging>", "<parent><groupId>org.x</groupId><artifactId>up</artifactId><version>7</version><relativePath>pom.xml</relativePath></parent><packaging>");
    assert_eq!(why(&[("pom.xml", &circle), ("down/pom.xml", &ok)]), "its parents go round in a circle");
    assert_eq!(why(&[("pom.xml", PARENT), ("down/pom.xml", &ok)]), "");
    // A parent may be in Latin-1, a project may not.
    let latin = format!("<?xml version='1.0' encoding='ISO-8859-1'?>{PARENT}");
    assert_eq!(why(&[("down/pom.xml", &ok), ("pom.xml", &latin)]), "an encoding other than UTF-8");
    assert_eq!(packages(&[("pom.xml", &latin), ("down/pom.xml", &ok)]), ["g:inherited 2.far from pom.xml"]);
    let bytes = [latin.as_bytes(), b"<!-- \xe9 -->"].concat();
    assert!(super::read(&bytes).is_parent_only);
}

/// Profiles count only where there is a parent, be it out of sight.
#[test]
fn profiles_that_are_active_by_default() {
    let profile = |active: &str, artifact: &str| {
        format!(
            "<profile><activation><activeByDefault>{active}</activeByDefault></activation><properties><v>{active}</v></properties>\
             <dependencies>{}</dependencies></profile>",
            dependency(artifact, "<version>${v}</version>")
        )
    };
    let rest = format!(
        "<properties><v>own</v></properties><profiles>{}{}</profiles><dependencies>{}</dependencies>",
        profile("true", "on"),
        profile("false", "off"),
        dependency("a", "<version>${v}</version>")
    );
    assert_eq!(packages(&[("pom.xml", &project(&rest))]), ["g:a own"]);
    assert_eq!(packages(&[("pom.xml", &child("", &rest))]), ["g:a own", "g:on true"]);
}

#[test]
fn what_is_no_boolean_spoils_a_project() {
    for (text, is_fine) in [
        ("<dependencies><dependency><optional>yes</optional></dependency></dependencies>", false),
        ("<dependencies><dependency><optional>${x}</optional></dependency></dependencies>", true),
        ("<dependencies><dependency><optional> True </optional></dependency></dependencies>", true),
        ("<profiles><profile><activation><activeByDefault>1</activeByDefault></activation></profile></profiles>", false),
        ("<repositories><repository><releases><enabled>no</enabled></releases></repository></repositories>", false),
        ("<build><plugins><plugin><inherited>no</inherited></plugin></plugins></build>", true),
        ("<build><pluginManagement><plugins><plugin><inherited>no</inherited></plugin></plugins></pluginManagement></build>", false),
    ] {
        assert_eq!(found(&[("pom.xml", &project(text))]).broken.is_none(), is_fine, "{text}");
    }
}

/// What only a project elsewhere could tell is not told.
#[test]
fn a_scope_that_may_be_managed_elsewhere() {
    let plain = format!("<dependencies>{}</dependencies>", dependency("a", "<version>1</version>"));
    assert_eq!(found(&[("pom.xml", &child("", &plain))]).packages[0].scope, None);
    let import = dependency("bom", "<version>1</version><type>pom</type><scope>import</scope>");
    let text = project(&format!("<dependencyManagement><dependencies>{import}</dependencies></dependencyManagement>{plain}"));
    assert_eq!(found(&[("pom.xml", &text)]).packages[0].scope, None);
}

#[test]
fn hostile_projects_end() {
    let many: String = (0..3_000).map(|n| dependency(&format!("a{n}"), "")).collect();
    let open: String = (0..3_000).map(|n| dependency(&format!("${{p}}{n}"), "<version>1</version>")).collect();
    let text = project(&format!(
        "<dependencyManagement><dependencies>{open}</dependencies></dependencyManagement><dependencies>{many}</dependencies>"
    ));
    assert!(found(&[("pom.xml", &text)]).cut);
    let long: String = (0..MOST + 5).map(|n| format!("<p{n}/>")).collect();
    assert!(found(&[("pom.xml", &project(&format!("<properties>{long}</properties>")))]).cut);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in proptest::collection::vec(any::<u8>(), 0..200)) {
        let pom = super::read(&text);
        pom.found(&RepoPath::from("a/pom.xml"), &|_| Some(&pom));
    }

    #[test]
    fn nor_do_the_pieces_of_one(pieces in proptest::collection::vec(prop::sample::select(vec![
        "<parent>", "</parent>", "<version>", "</version>", "<groupId>", "</groupId>", "<artifactId>", "</artifactId>", "<dependencies>", "</dependencies>",
        "<dependency>", "</dependency>", "<dependencyManagement>", "</dependencyManagement>", "<properties>", "</properties>", "<a>${b}</a>", "<b>${a}x</b>",
        "${a}", "${project.version}", "x", "[", ",", "<packaging>pom</packaging>",
        "<groupId>g</groupId><artifactId>a</artifactId><version>${a}</version>",
    ]), 0..40)) {
        let pom = super::read(format!("<project>{}</project>", pieces.concat()).as_bytes());
        pom.found(&RepoPath::from("a/pom.xml"), &|_| Some(&pom));
    }
}
