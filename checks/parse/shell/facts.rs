//! From the order of reading to the order of the walk.
//!
//! Bodies of here-documents are read long after their redirection, and a command is known only when its words are. So
//! commands are numbered as they are found, and what is visited in which order is a list that may name lists to come.

use std::ops::Range;

use super::words::span;
use super::{Command, Pipe, Script, Word, WordKind};

/// One step of the walk.
#[derive(Clone, Copy, Debug)]
pub(super) enum Visit {
    /// A command, by the number under which it was found.
    Command(usize),
    /// All of a list, by its number.
    List(usize),
}

/// What was found so far.
#[derive(Default)]
pub(super) struct Facts<'t> {
    pub commands: Vec<Command<'t>>,
    /// The words of commands that are read.
    pub words: Vec<Word<'t>>,
    pub pipes: Vec<Pipe>,
    /// The lists that [`Visit::List`] names.
    pub lists: Vec<Vec<Visit>>,
    /// The walk, as far as it is known.
    pub walk: Vec<Visit>,
    /// The words of the commands being read, the innermost last: a list of its own for each would take four times the
    /// memory.
    pub open_words: Vec<Word<'t>>,
    /// How many words and commands there are so far.
    pub count: usize,
}

impl<'t> Facts<'t> {
    /// Room for what a text of this length usually holds: lists that grow would be copied again and again.
    pub(super) fn for_text(length: usize) -> Self {
        let length = length.min(1 << 20);
        Self {
            commands: Vec::with_capacity(length / 48 + 1),
            words: Vec::with_capacity(length / 12 + 2),
            walk: Vec::with_capacity(length / 48 + 1),
            open_words: Vec::with_capacity(8),
            ..Self::default()
        }
    }

    /// Takes the words of a command, which are the last of the open ones, from this one on.
    pub(super) fn close_words(&mut self, from: usize) -> Range<u32> {
        let begin = self.words.len();
        self.words.extend(self.open_words.drain(from..));
        span(begin, self.words.len())
    }

    /// The script: commands that are visited, in that order, and what refers to them.
    pub(super) fn script(mut self) -> Script<'t> {
        let in_order = |(at, visit): (usize, &Visit)| matches!(visit, Visit::Command(found) if *found == at);
        if self.walk.len() == self.commands.len() && self.walk.iter().enumerate().all(in_order) {
            self.pipes.sort_by_key(|pipe| pipe.from);
            return Script { commands: self.commands, words: self.words, pipes: self.pipes };
        }
        let mut places = vec![None; self.commands.len()];
        let mut commands = Vec::with_capacity(self.commands.len());
        let mut open = vec![std::mem::take(&mut self.walk).into_iter()];
        while let Some(list) = open.last_mut() {
            match list.next() {
                Some(Visit::Command(found)) => {
                    places[found] = Some(commands.len());
                    commands.push(std::mem::take(&mut self.commands[found]));
                }
                Some(Visit::List(number)) => open.push(std::mem::take(&mut self.lists[number]).into_iter()),
                None => _ = open.pop(),
            }
        }
        let targets = commands.iter_mut().flat_map(|command: &mut Command<'_>| &mut command.redirects).map(|redirect| &mut redirect.target);
        for word in self.words.iter_mut().chain(targets) {
            if let WordKind::Process { first, .. } = &mut word.kind {
                *first = first.and_then(|found| places[found]);
            }
        }
        let mut pipes: Vec<Pipe> =
            self.pipes.into_iter().filter_map(|pipe| Some(Pipe { from: places[pipe.from]?, to: places[pipe.to]?, ..pipe })).collect();
        pipes.sort_by_key(|pipe| pipe.from);
        Script { commands, words: self.words, pipes }
    }
}
