//! What a document of TOML holds: tables and values, with the lines of tables.

use std::borrow::Cow;

use crate::evidence::Unread;

/// How deep values may stand in each other.
pub(super) const DEEPEST: usize = 64;

/// A table: its keys in the order of the text.
#[derive(Debug, Default, PartialEq)]
pub(in crate::parse) struct Table<'a> {
    /// The line at which it begins, from 1.
    pub(in crate::parse) line: u32,
    pub(super) entries: Vec<(Cow<'a, str>, Value<'a>)>,
    /// It has a header of its own, and may not get another.
    pub(super) is_named: bool,
}

/// A value.
#[derive(Debug, PartialEq)]
pub(in crate::parse) enum Value<'a> {
    /// A string.
    Text(Cow<'a, str>),
    /// A whole number, which nobody asks for.
    Integer,
    /// True or false.
    Boolean(bool),
    /// Anything else that is no list and no table, or that was passed over.
    Other,
    /// A list, or the tables of a header in double brackets.
    List(Vec<Self>),
    /// A table.
    Table(Table<'a>),
}

impl<'a> Table<'a> {
    /// The value of a key: in exactly this spelling, else in any case, as Go's readers have it.
    pub(in crate::parse) fn get(&self, key: &str) -> Option<&Value<'a>> {
        let exact = self.entries.iter().find(|(name, _)| name == key);
        exact.or_else(|| self.entries.iter().find(|(name, _)| name.eq_ignore_ascii_case(key))).map(|(_, value)| value)
    }

    /// The text of a key; an error if it is anything else.
    pub(in crate::parse) fn text(&self, key: &str) -> Result<Option<&str>, Unread> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(key, "text")),
        }
    }

    /// The list of a key, empty without one; an error if it is anything else.
    pub(in crate::parse) fn list(&self, key: &str) -> Result<&[Value<'a>], Unread> {
        match self.get(key) {
            None => Ok(&[]),
            Some(Value::List(list)) => Ok(list),
            Some(_) => Err(self.wrong(key, "a list")),
        }
    }

    /// The table of a key; an error if it is anything else.
    pub(in crate::parse) fn table(&self, key: &str) -> Result<Option<&Self>, Unread> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Table(table)) => Ok(Some(table)),
            Some(_) => Err(self.wrong(key, "a table")),
        }
    }

    /// The list of tables of a key, empty without one; an error if it is anything else.
    pub(in crate::parse) fn tables(&self, key: &str) -> Result<Vec<&Self>, Unread> {
        let each = self.list(key)?.iter().map(|value| match value {
            Value::Table(table) => Ok(table),
            _ => Err(self.wrong(key, "a list of tables")),
        });
        each.collect()
    }

    /// The keys with their values.
    pub(in crate::parse) fn iter(&self) -> impl Iterator<Item = (&str, &Value<'a>)> {
        self.entries.iter().map(|(key, value)| (&**key, value))
    }

    /// That a key has the wrong kind of value.
    pub(in crate::parse) fn wrong(&self, key: &str, wanted: &str) -> Unread {
        Unread { line: Some(self.line), why: format!("{key:?} is not {wanted}") }
    }
}

/// The table that a header opens, made where it has its place.
pub(super) fn place<'t, 'a>(root: &'t mut Table<'a>, path: &[Cow<'a, str>], is_list: bool, line: u32) -> Option<&'t mut Table<'a>> {
    let (last, above) = path.split_last()?;
    if above.len() > DEEPEST {
        return None;
    }
    let mut table = root;
    for key in above {
        let at = entry(table, key.clone(), || Value::Table(Table { line, ..Table::default() }));
        table = match &mut table.entries[at].1 {
            Value::Table(inner) => inner,
            Value::List(list) => match list.last_mut()? {
                Value::Table(inner) => inner,
                _ => return None,
            },
            _ => return None,
        };
    }
    let known = table.entries.len();
    let at =
        entry(table, last.clone(), || if is_list { Value::List(Vec::new()) } else { Value::Table(Table { line, ..Table::default() }) });
    let is_new = at == known;
    match (&mut table.entries[at].1, is_list) {
        (Value::List(list), true) => {
            // A list that was written as one may not be added to.
            if !is_new && !matches!(list.last(), Some(Value::Table(table)) if table.is_named) {
                return None;
            }
            list.push(Value::Table(Table { line, is_named: true, ..Table::default() }));
            match list.last_mut() {
                Some(Value::Table(table)) => Some(table),
                _ => None,
            }
        }
        (Value::Table(inner), false) if is_new => {
            inner.is_named = true;
            Some(inner)
        }
        // A second header for one table, or one for what headers below it made: the whole parser knows.
        _ => None,
    }
}

/// The place of a key in a table, made if it is not there.
fn entry<'a>(table: &mut Table<'a>, key: Cow<'a, str>, new: impl FnOnce() -> Value<'a>) -> usize {
    match table.entries.iter().position(|(known, _)| *known == key) {
        Some(at) => at,
        None => {
            table.entries.push((key, new()));
            table.entries.len() - 1
        }
    }
}
