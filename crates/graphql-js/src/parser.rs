//! Tokens to a syntax tree, by the grammar and with the words of graphql-js 16.

mod types;

use crate::ast::{
    Argument, At, Definition, Directive, Document, Field, Fragment, Inline, Literal, Name, Operation,
    OperationKind, Selection, Spread, TypeDefinition, TypeNode, TypeRef, ValueNode, VariableDefinition,
};
use crate::lexer::{Kind, Lexer, Token, syntax};
use crate::problem::Problem;

struct Parser<'a> {
    lexer: Lexer<'a>,
    token: Token,
    /// Levels of nesting that may still be opened.
    levels: usize,
}

/// Why a document could not be read.
#[derive(Debug)]
pub enum Refusal {
    /// It is not GraphQL.
    Syntax(Problem),
    /// It nests deeper than allowed; where it does.
    TooDeep(At),
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Syntax(problem)
    }
}

type Parsed<T> = Result<T, Refusal>;

/// Reads a document whose selections, values and types nest at most `levels` deep.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn parse(text: &str, levels: usize) -> Parsed<Document> {
    let mut parser = Parser::new(text, levels)?;
    let mut document = Document::default();
    loop {
        document.definitions.push(parser.definition()?);
        if parser.token.kind == Kind::End {
            return Ok(document);
        }
    }
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, levels: usize) -> Parsed<Self> {
        let mut lexer = Lexer::new(text);
        let token = lexer.next()?;
        Ok(Self { lexer, token, levels })
    }

    fn advance(&mut self) -> Parsed<Token> {
        let next = self.lexer.next()?;
        Ok(std::mem::replace(&mut self.token, next))
    }

    fn unexpected<T>(&self) -> Parsed<T> {
        Err(syntax(format_args!("Unexpected {}.", self.token), self.token.at).into())
    }

    fn expect(&mut self, kind: Kind) -> Parsed<Token> {
        if self.token.kind == kind {
            return self.advance();
        }
        Err(syntax(format_args!("Expected {kind}, found {}.", self.token), self.token.at).into())
    }

    fn expect_mark(&mut self, mark: &'static str) -> Parsed<()> {
        self.expect(Kind::Punctuator(mark)).map(drop)
    }

    fn is_mark(&self, mark: &str) -> bool {
        matches!(self.token.kind, Kind::Punctuator(found) if found == mark)
    }

    fn skip_mark(&mut self, mark: &str) -> Parsed<bool> {
        let found = self.is_mark(mark);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    fn is_keyword(&self, word: &str) -> bool {
        self.token.kind == Kind::Name && self.token.value == word
    }

    fn expect_keyword(&mut self, word: &str) -> Parsed<()> {
        if self.is_keyword(word) {
            return self.advance().map(drop);
        }
        Err(syntax(format_args!("Expected \"{word}\", found {}.", self.token), self.token.at).into())
    }

    fn name(&mut self) -> Parsed<Name> {
        let token = self.expect(Kind::Name)?;
        Ok(Name { text: token.value, at: token.at })
    }

    /// One level deeper while `work` runs.
    fn nested<T>(&mut self, work: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        let Some(levels) = self.levels.checked_sub(1) else { return Err(Refusal::TooDeep(self.token.at)) };
        self.levels = levels;
        let done = work(self);
        self.levels += 1;
        done
    }

    /// At least one `item` between the marks.
    fn many<T>(
        &mut self,
        open: &'static str,
        close: &'static str,
        mut item: impl FnMut(&mut Self) -> Parsed<T>,
    ) -> Parsed<Vec<T>> {
        self.expect_mark(open)?;
        let mut items = vec![item(self)?];
        while !self.skip_mark(close)? {
            items.push(item(self)?);
        }
        Ok(items)
    }

    /// As `many`, or nothing at all.
    fn optional<T>(
        &mut self,
        open: &'static str,
        close: &'static str,
        item: impl FnMut(&mut Self) -> Parsed<T>,
    ) -> Parsed<Vec<T>> {
        if self.is_mark(open) { self.many(open, close, item) } else { Ok(Vec::new()) }
    }

    fn definition(&mut self) -> Parsed<Definition> {
        let at = self.token.at;
        if self.is_mark("{") {
            let selections = self.selections()?;
            let (kind, variables, directives) = (OperationKind::Query, Vec::new(), Vec::new());
            let operation = Operation { at, kind, name: None, variables, directives, selections };
            return Ok(Definition::Operation(operation));
        }
        let description = self.description()?;
        let described = description.is_some();
        if described && self.is_mark("{") {
            let message = "Unexpected description, descriptions are not supported on shorthand queries.";
            return Err(syntax(message, at).into());
        }
        if self.token.kind != Kind::Name {
            return self.unexpected();
        }
        let kind = match self.token.value.as_str() {
            "query" => OperationKind::Query,
            "mutation" => OperationKind::Mutation,
            "subscription" => OperationKind::Subscription,
            "fragment" => return self.fragment(at).map(Definition::Fragment),
            word => {
                if let Some(keyword) = types::keyword(word) {
                    let definition = self.type_definition(at, keyword)?;
                    return Ok(Definition::Type(TypeDefinition { description, ..definition }));
                }
                if described {
                    let message = "Unexpected description, only GraphQL definitions support descriptions.";
                    return Err(syntax(message, at).into());
                }
                if word == "extend" {
                    return self.type_extension(at).map(Definition::Type);
                }
                return self.unexpected();
            }
        };
        self.operation(at, kind).map(Definition::Operation)
    }

    fn operation(&mut self, at: At, kind: OperationKind) -> Parsed<Operation> {
        self.advance()?;
        let name = if self.token.kind == Kind::Name { Some(self.name()?) } else { None };
        let variables = self.optional("(", ")", Self::variable_definition)?;
        let directives = self.directives(false)?;
        let selections = self.selections()?;
        Ok(Operation { at, kind, name, variables, directives, selections })
    }

    /// The text before a definition that says what it is for.
    fn description(&mut self) -> Parsed<Option<String>> {
        if !matches!(self.token.kind, Kind::String | Kind::BlockString) {
            return Ok(None);
        }
        let text = self.token.value.clone();
        self.advance()?;
        Ok(Some(text))
    }

    fn fragment(&mut self, at: At) -> Parsed<Fragment> {
        self.advance()?;
        // A text is a token with a value as well.
        if self.token.value == "on" {
            return self.unexpected();
        }
        let name = self.name()?;
        self.expect_keyword("on")?;
        let on = self.name()?;
        let directives = self.directives(false)?;
        let selections = self.selections()?;
        Ok(Fragment { at, name, on, directives, selections })
    }

    fn variable_definition(&mut self) -> Parsed<VariableDefinition> {
        let at = self.token.at;
        self.description()?;
        self.expect_mark("$")?;
        let name = self.name()?;
        self.expect_mark(":")?;
        let kind = self.type_node()?;
        let default = if self.skip_mark("=")? { Some(self.value(true)?) } else { None };
        let directives = self.directives(true)?;
        Ok(VariableDefinition { at, name, kind, default, directives })
    }

    fn type_node(&mut self) -> Parsed<TypeNode> {
        self.nested(|parser| {
            let at = parser.token.at;
            let (mut kind, name_at) = if parser.skip_mark("[")? {
                let inner = parser.type_node()?;
                parser.expect_mark("]")?;
                (TypeRef::List(Box::new(inner.kind)), inner.name_at)
            } else {
                (TypeRef::Named(parser.name()?.text), at)
            };
            if parser.skip_mark("!")? {
                kind = TypeRef::NonNull(Box::new(kind));
            }
            Ok(TypeNode { at, name_at, kind })
        })
    }

    fn selections(&mut self) -> Parsed<Vec<Selection>> {
        self.nested(|parser| parser.many("{", "}", Self::selection))
    }

    fn selection(&mut self) -> Parsed<Selection> {
        let at = self.token.at;
        if !self.skip_mark("...")? {
            return self.field().map(Selection::Field);
        }
        let conditioned = self.is_keyword("on");
        if conditioned {
            self.advance()?;
        } else if self.token.kind == Kind::Name {
            let name = self.name()?;
            let directives = self.directives(false)?;
            return Ok(Selection::Spread(Spread { at, name, directives }));
        }
        let on = if conditioned { Some(self.name()?) } else { None };
        let directives = self.directives(false)?;
        let selections = self.selections()?;
        Ok(Selection::Inline(Inline { at, on, directives, selections }))
    }

    fn field(&mut self) -> Parsed<Field> {
        let at = self.token.at;
        let mut name = self.name()?;
        let mut alias = None;
        if self.skip_mark(":")? {
            alias = Some(std::mem::replace(&mut name, self.name()?));
        }
        let arguments = self.optional("(", ")", |parser| parser.argument(false))?;
        let directives = self.directives(false)?;
        let open = self.token.at;
        let selections = if self.is_mark("{") { self.selections()? } else { Vec::new() };
        Ok(Field { at, alias, name, arguments, directives, open, selections })
    }

    fn argument(&mut self, constant: bool) -> Parsed<Argument> {
        let name = self.name()?;
        self.expect_mark(":")?;
        let value = self.value(constant)?;
        Ok(Argument { at: name.at, name, value })
    }

    fn directives(&mut self, constant: bool) -> Parsed<Vec<Directive>> {
        let mut directives = Vec::new();
        while self.is_mark("@") {
            let at = self.advance()?.at;
            let name = self.name()?;
            let arguments = self.optional("(", ")", |parser| parser.argument(constant))?;
            directives.push(Directive { at, name, arguments });
        }
        Ok(directives)
    }

    /// A value; a `constant` one has no variables in it.
    fn value(&mut self, constant: bool) -> Parsed<ValueNode> {
        self.nested(|parser| {
            let at = parser.token.at;
            let value = match parser.token.kind {
                Kind::Punctuator("[") => parser.list(constant)?,
                Kind::Punctuator("{") => parser.object(constant)?,
                Kind::Punctuator("$") => parser.variable(constant)?,
                Kind::Int => Literal::Int(parser.advance()?.value),
                Kind::Float => Literal::Float(parser.advance()?.value),
                Kind::String | Kind::BlockString => {
                    let token = parser.advance()?;
                    Literal::String { text: token.value, block: token.kind == Kind::BlockString }
                }
                Kind::Name => match parser.advance()?.value {
                    word if word == "true" || word == "false" => Literal::Boolean(word == "true"),
                    word if word == "null" => Literal::Null,
                    word => Literal::Enum(word),
                },
                _ => return parser.unexpected(),
            };
            Ok(ValueNode { at, value })
        })
    }

    fn variable(&mut self, constant: bool) -> Parsed<Literal> {
        let dollar = self.advance()?;
        if constant {
            let message = if self.token.kind == Kind::Name {
                format!("Unexpected variable \"${}\" in constant value.", self.token.value)
            } else {
                "Unexpected \"$\".".to_owned()
            };
            return Err(syntax(message, dollar.at).into());
        }
        Ok(Literal::Variable(self.name()?.text))
    }

    fn list(&mut self, constant: bool) -> Parsed<Literal> {
        self.advance()?;
        let mut items = Vec::new();
        while !self.skip_mark("]")? {
            items.push(self.value(constant)?);
        }
        Ok(Literal::List(items))
    }

    fn object(&mut self, constant: bool) -> Parsed<Literal> {
        self.advance()?;
        let mut fields = Vec::new();
        while !self.skip_mark("}")? {
            let name = self.name()?;
            self.expect_mark(":")?;
            fields.push((name, self.value(constant)?));
        }
        Ok(Literal::Object(fields))
    }
}
