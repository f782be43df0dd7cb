//! Schema text to types.

use indexmap::IndexMap;

use super::ast::{Directive, Literal};
use super::lexer::Kind;
use super::parser::{Parser, Refusal};
use super::schema::{DirectiveType, FieldType, InputType, Schema, Type};

type Read<T> = Result<T, Refusal>;

/// Adds the definitions of `text` to `schema`.
///
/// # Errors
/// Where the text is not what a schema may say.
pub(super) fn read(text: &str, schema: &mut Schema) -> Read<()> {
    let mut parser = Parser::new(text, 64)?;
    while parser.token.kind != Kind::End {
        parser.schema_definition(schema)?;
    }
    Ok(())
}

impl Parser<'_> {
    fn schema_definition(&mut self, schema: &mut Schema) -> Read<()> {
        let word = self.name()?.text;
        if word == "directive" {
            return self.directive_definition(schema);
        }
        let word = if word == "extend" { self.name()?.text } else { word };
        let name = self.name()?.text;
        match word.as_str() {
            "scalar" => drop(schema.types.insert(name, Type::Scalar)),
            "enum" => {
                let values = self.many("{", "}", |parser| Ok(parser.name()?.text))?;
                schema.types.insert(name, Type::Enum(values));
            }
            "input" => {
                let fields = self.many("{", "}", Self::input_definition)?;
                schema.types.insert(name, Type::Input(fields.into_iter().collect()));
            }
            "type" => {
                let fields = self.many("{", "}", Self::field_definition)?;
                let known = schema.types.entry(name).or_insert_with(|| Type::Object(IndexMap::new()));
                if let Type::Object(known) = known {
                    known.extend(fields);
                }
            }
            _ => return self.unexpected(),
        }
        Ok(())
    }

    fn field_definition(&mut self) -> Read<(String, FieldType)> {
        let name = self.name()?.text;
        let arguments = self.optional("(", ")", Self::input_definition)?.into_iter().collect();
        self.expect_mark(":")?;
        let kind = self.type_node()?.kind;
        let deprecated = self.directives(true)?.iter().find_map(reason);
        Ok((name, FieldType { kind, arguments, deprecated }))
    }

    fn input_definition(&mut self) -> Read<(String, InputType)> {
        let name = self.name()?.text;
        self.expect_mark(":")?;
        let kind = self.type_node()?.kind;
        let default = if self.skip_mark("=")? { Some(self.value(true)?) } else { None };
        Ok((name, InputType { kind, default }))
    }

    fn directive_definition(&mut self, schema: &mut Schema) -> Read<()> {
        self.expect_mark("@")?;
        let name = self.name()?.text;
        let arguments = self.optional("(", ")", Self::input_definition)?.into_iter().collect();
        if !self.is_keyword("on") {
            return self.unexpected();
        }
        self.advance()?;
        let mut locations = vec![self.name()?.text];
        while self.skip_mark("|")? {
            locations.push(self.name()?.text);
        }
        schema.directives.insert(name, DirectiveType { arguments, locations });
        Ok(())
    }
}

fn reason(directive: &Directive) -> Option<String> {
    let argument = directive.arguments.iter().find(|argument| argument.name.text == "reason")?;
    match &argument.value.value {
        Literal::String(reason) if directive.name.text == "deprecated" => Some(reason.clone()),
        _ => None,
    }
}
