//! Jobs that publish a package, by the reference's list and in its order.

use crate::workflow::Hint::{Run, RunApart, Uses, With};
use crate::workflow::Trait;

pub(crate) static PUBLISHES: [Trait; 15] = [
    Trait::both("to the npm registry", With("actions/setup-node", "registry-url", "https://registry.npmjs.org"), Run(&["npm"], "publish")),
    Trait::both("with Maven", Uses("actions/setup-java"), Run(&["mvn"], "deploy")),
    Trait::both("with Gradle", Uses("actions/setup-java"), Run(&["gradle"], "publish")),
    Trait::one("with sbt", Run(&["sbt"], "ci-release")),
    Trait::one("to RubyGems", Run(&["gem"], "push")),
    Trait::one("to a NuGet feed", Run(&["nuget"], "push")),
    Trait::one("an image with Docker", Run(&["docker"], "push")),
    Trait::one("an image with docker/build-push-action", Uses("docker/build-push-action")),
    Trait::one("to PyPI", Uses("pypa/gh-action-pypi-publish")),
    Trait::one("with python-semantic-release", Uses("relekang/python-semantic-release")),
    Trait::one("with GoReleaser", Uses("goreleaser/goreleaser-action")),
    Trait::one("to crates.io", Run(&["cargo"], "publish")),
    Trait::both("an image with ko", Uses("imjasonh/setup-ko"), Uses("ko-build/setup-ko")),
    Trait::one("with semantic-release", Run(&["npx"], "semantic-release")),
    Trait::both("to Hex", Uses("erlef/setup-elixir"), RunApart("hex", "publish")),
];
