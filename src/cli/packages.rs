//! `carat packages`.

use std::process::ExitCode;

use carat_checks::inventory::listed;

use super::args::{PackageFormat, Packages};
use super::output;
use crate::engine;
use crate::error::Error;
use crate::hosts::Hosts;
use crate::report::{write_cyclonedx, write_package_table, write_packages, write_purls, write_spdx};
use crate::target::Target;

pub(super) fn run(arguments: &Packages) -> Result<ExitCode, Error> {
    let target = match Target::parse(&arguments.path, arguments.commit.as_deref(), &Hosts::default())? {
        Target::Local(target) => target,
        Target::Remote(target) => {
            return Err(Error::Usage(format!(
                "{} is on a host; packages are listed of a folder, a clone or a bare repository here",
                target.full_name()
            )));
        }
    };
    let moment = arguments.as_of.unwrap_or_else(jiff::Timestamp::now);
    let evidence = engine::inventory(&target, moment, arguments.threads)?;
    let inventory = evidence.packages.get().map_err(|gap| Error::Bug(format!("the packages were not read: {gap}")))?;
    let listed = listed(inventory, moment);
    output::standard(|out| match arguments.format {
        PackageFormat::Table => write_package_table(inventory, &listed, super::width(), out),
        PackageFormat::Json => write_packages(&evidence, inventory, &listed, out),
        PackageFormat::Purl => write_purls(&listed, out),
        PackageFormat::Cyclonedx => write_cyclonedx(&evidence, inventory, &listed, out),
        PackageFormat::Spdx => write_spdx(&evidence, inventory, &listed, out),
    })
}
