//! `evidence`: what was collected, from which the same result can be judged again.

use std::io::{self, Write};

use super::line::write_line;
use super::{Look, Run};

pub(super) fn write(run: &Run, _: &Look, out: &mut dyn Write) -> io::Result<()> {
    write_line(&run.saved, out)
}
