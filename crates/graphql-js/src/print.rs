//! The tree as text again: values exactly as graphql-js prints them in its messages, documents so that they read back
//! the same.

use std::fmt::{self, Display, Formatter, Write};

use crate::ast::{
    Argument, Definition, Directive, Document, Field, Fragment, Inline, Literal, Operation, Selection,
    Spread, ValueNode, VariableDefinition,
};

impl Display for ValueNode {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match &self.value {
            Literal::Variable(name) => write!(out, "${name}"),
            Literal::Int(text) | Literal::Float(text) | Literal::Enum(text) => out.write_str(text),
            Literal::String { text, block: false } => string(out, text),
            Literal::String { text, block: true } => out.write_str(&block_string(text)),
            Literal::Boolean(flag) => write!(out, "{flag}"),
            Literal::Null => out.write_str("null"),
            Literal::List(items) => {
                out.write_str("[")?;
                separated(out, ", ", items.iter(), |out, item| write!(out, "{item}"))?;
                out.write_str("]")
            }
            Literal::Object(fields) => {
                out.write_str("{")?;
                separated(out, ", ", fields.iter(), |out, (name, value)| {
                    write!(out, "{}: {value}", name.text)
                })?;
                out.write_str("}")
            }
        }
    }
}

/// A string with the escapes of graphql-js, which are not those of JSON.
fn string(out: &mut Formatter<'_>, text: &str) -> fmt::Result {
    out.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' => out.write_str("\\\"")?,
            '\\' => out.write_str("\\\\")?,
            '\u{8}' => out.write_str("\\b")?,
            '\t' => out.write_str("\\t")?,
            '\n' => out.write_str("\\n")?,
            '\u{c}' => out.write_str("\\f")?,
            '\r' => out.write_str("\\r")?,
            '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => write!(out, "\\u{:04X}", u32::from(c))?,
            c => out.write_char(c)?,
        }
    }
    out.write_char('"')
}

/// A block string with the line breaks that graphql-js puts into it.
fn block_string(text: &str) -> String {
    let escaped = text.replace("\"\"\"", "\\\"\"\"");
    let lines: Vec<&str> = escaped.split('\n').collect();
    let blank = |line: &str| line.starts_with([' ', '\t']);
    let single = lines.len() == 1;
    let leading = !single && lines[1..].iter().all(|line| line.is_empty() || blank(line));
    let triple = escaped.ends_with("\\\"\"\"");
    let trailing = (text.ends_with('"') && !triple) || text.ends_with('\\');
    let multiple = !single || text.encode_utf16().count() > 70 || trailing || leading || triple;
    let first = if (multiple && !(single && blank(text))) || leading { "\n" } else { "" };
    let last = if multiple || trailing { "\n" } else { "" };
    format!("\"\"\"{first}{escaped}{last}\"\"\"")
}

fn separated<T>(
    out: &mut Formatter<'_>,
    separator: &str,
    items: impl Iterator<Item = T>,
    mut write: impl FnMut(&mut Formatter<'_>, T) -> fmt::Result,
) -> fmt::Result {
    for (place, item) in items.enumerate() {
        if place > 0 {
            out.write_str(separator)?;
        }
        write(out, item)?;
    }
    Ok(())
}

/// The executable definitions of the document; those of types are left out.
impl Display for Document {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        separated(out, "\n\n", self.definitions.iter(), |out, definition| match definition {
            Definition::Operation(operation) => write!(out, "{operation}"),
            Definition::Fragment(fragment) => write!(out, "{fragment}"),
            Definition::Type(_) => Ok(()),
        })
    }
}

impl Display for Operation {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        out.write_str(self.kind.keyword())?;
        if let Some(name) = &self.name {
            write!(out, " {}", name.text)?;
        }
        if !self.variables.is_empty() {
            out.write_str("(")?;
            separated(out, ", ", self.variables.iter(), |out, variable| write!(out, "{variable}"))?;
            out.write_str(")")?;
        }
        applied(out, &self.directives)?;
        selected(out, &self.selections)
    }
}

impl Display for VariableDefinition {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "${}: {}", self.name.text, self.kind.kind)?;
        if let Some(default) = &self.default {
            write!(out, " = {default}")?;
        }
        applied(out, &self.directives)
    }
}

impl Display for Fragment {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "fragment {} on {}", self.name.text, self.on.text)?;
        applied(out, &self.directives)?;
        selected(out, &self.selections)
    }
}

impl Display for Selection {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(field) => write!(out, "{field}"),
            Self::Spread(Spread { name, directives, .. }) => {
                write!(out, "...{}", name.text)?;
                applied(out, directives)
            }
            Self::Inline(Inline { on, directives, selections, .. }) => {
                out.write_str("...")?;
                if let Some(on) = on {
                    write!(out, " on {}", on.text)?;
                }
                applied(out, directives)?;
                selected(out, selections)
            }
        }
    }
}

impl Display for Field {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        if let Some(alias) = &self.alias {
            write!(out, "{}: ", alias.text)?;
        }
        out.write_str(&self.name.text)?;
        given(out, &self.arguments)?;
        applied(out, &self.directives)?;
        if self.selections.is_empty() { Ok(()) } else { selected(out, &self.selections) }
    }
}

fn given(out: &mut Formatter<'_>, arguments: &[Argument]) -> fmt::Result {
    if arguments.is_empty() {
        return Ok(());
    }
    out.write_str("(")?;
    separated(out, ", ", arguments.iter(), |out, argument| {
        write!(out, "{}: {}", argument.name.text, argument.value)
    })?;
    out.write_str(")")
}

fn applied(out: &mut Formatter<'_>, directives: &[Directive]) -> fmt::Result {
    for directive in directives {
        write!(out, " @{}", directive.name.text)?;
        given(out, &directive.arguments)?;
    }
    Ok(())
}

fn selected(out: &mut Formatter<'_>, selections: &[Selection]) -> fmt::Result {
    out.write_str(" { ")?;
    separated(out, " ", selections.iter(), |out, selection| write!(out, "{selection}"))?;
    out.write_str(" }")
}

#[cfg(test)]
mod tests {
    use crate::parse;

    #[test]
    fn a_document_is_printed_with_everything_in_it() {
        for text in [
            "query Q($x: [Int!]! = [1, 2] @mark, $y: In = {a: \"b\"}) @skip(if: $x) { __typename }",
            "query { x: a(b: 1, c: [$x, null], d: {e: E, f: true}) @skip(if: true) @mark { ...F @mark ... on T { b } ... { c } } }",
            "fragment F on T @mark(by: \"x\") { a }",
            "mutation { a }\n\nsubscription S { b }",
        ] {
            assert_eq!(parse(text, 20).expect("a document").to_string(), text);
        }
    }
}
