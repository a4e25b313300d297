//! Jobs that publish a package, by the reference's list and in its order.

use crate::workflow::Hint::{Uses, With};
use crate::workflow::{Hint, Trait};

pub(crate) static PUBLISHES: [Trait; 15] = [
    Trait::both("to the npm registry", With("actions/setup-node", "registry-url", "https://registry.npmjs.org"), Hint::run("npm.*publish")),
    Trait::both("with Maven", Uses("actions/setup-java"), Hint::run("mvn.*deploy")),
    Trait::both("with Gradle", Uses("actions/setup-java"), Hint::run("gradle.*publish")),
    Trait::one("with sbt", Hint::run("sbt.*ci-release")),
    Trait::one("to RubyGems", Hint::run("gem.*push")),
    Trait::one("to a NuGet feed", Hint::run("nuget.*push")),
    Trait::one("an image with Docker", Hint::run("docker.*push")),
    Trait::one("an image with docker/build-push-action", Uses("docker/build-push-action")),
    Trait::one("to PyPI", Uses("pypa/gh-action-pypi-publish")),
    Trait::one("with python-semantic-release", Uses("relekang/python-semantic-release")),
    Trait::one("with GoReleaser", Uses("goreleaser/goreleaser-action")),
    Trait::one("to crates.io", Hint::run("cargo.*publish")),
    Trait::both("an image with ko", Uses("imjasonh/setup-ko"), Uses("ko-build/setup-ko")),
    Trait::one("with semantic-release", Hint::run("npx.*semantic-release")),
    Trait::both("to Hex", Uses("erlef/setup-elixir"), Hint::run("hex.publish")),
];
