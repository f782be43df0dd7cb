//! Filter text to tree: precedence climbing over `or`, `and`, then `not`,
//! parentheses and conditions.

use crate::ast::{Expr, Function, Literal, Op, Path};
use crate::error::{Error, ErrorKind};
use crate::lexer::{Lexer, Token};
use crate::limits::{Budget, MAX_DEPTH};

/// Words that cannot be a field on their own in a filter.
const RESERVED: [&str; 7] = ["and", "or", "not", "in", "null", "true", "false"];

impl Expr {
    /// Reads a `$filter`.
    ///
    /// Errors: `Empty` for a blank text, a syntax error with its position, or
    /// `TooDeep` / `TooMany` past the limits of this crate.
    pub fn parse(text: &str) -> Result<Expr, Error> {
        let mut parser = Parser::new(text)?;
        if parser.token == Token::End {
            return Err(ErrorKind::Empty.at(0));
        }
        let expr = parser.any()?;
        if parser.token != Token::End {
            return Err(parser.unexpected("an operator or the end of the text"));
        }
        Ok(expr)
    }
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    /// The token to look at, and its position.
    token: Token,
    position: usize,
    /// Parentheses and `not` around the token.
    depth: usize,
    budget: Budget,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Result<Self, Error> {
        let mut lexer = Lexer::new(text);
        let (token, position) = lexer.token()?;
        Ok(Self { lexer, token, position, depth: 0, budget: Budget::default() })
    }

    /// The current token, with its position, after moving to the next one.
    fn advance(&mut self) -> Result<(Token, usize), Error> {
        let (token, position) = self.lexer.token()?;
        let token = std::mem::replace(&mut self.token, token);
        let position = std::mem::replace(&mut self.position, position);
        Ok((token, position))
    }

    fn unexpected(&self, expected: &'static str) -> Error {
        self.token.unexpected(self.position, expected)
    }

    /// Moves past the token if it is the wanted one.
    fn expect(&mut self, wanted: &Token, expected: &'static str) -> Result<(), Error> {
        if self.token != *wanted {
            return Err(self.unexpected(expected));
        }
        self.advance().map(drop)
    }

    /// Parts separated by `or`.
    fn any(&mut self) -> Result<Expr, Error> {
        let mut parts = vec![self.all()?];
        while self.token.is_keyword("or") {
            self.advance()?;
            parts.push(self.all()?);
        }
        Ok(Expr::any(parts))
    }

    /// Parts separated by `and`.
    fn all(&mut self) -> Result<Expr, Error> {
        let mut parts = vec![self.part()?];
        while self.token.is_keyword("and") {
            self.advance()?;
            parts.push(self.part()?);
        }
        Ok(Expr::all(parts))
    }

    /// `not` and its part, a group in parentheses, or a condition.
    fn part(&mut self) -> Result<Expr, Error> {
        let negated = self.token.is_keyword("not");
        if !negated && self.token != Token::Open {
            return self.condition();
        }
        if self.depth == MAX_DEPTH {
            return Err(ErrorKind::TooDeep { limit: MAX_DEPTH }.at(self.position));
        }
        self.depth += 1;
        self.advance()?;
        let part = if negated {
            Expr::Not(Box::new(self.part()?))
        } else {
            let group = self.any()?;
            self.expect(&Token::Close, "an operator or \")\"")?;
            group
        };
        self.depth -= 1;
        Ok(part)
    }

    fn condition(&mut self) -> Result<Expr, Error> {
        self.budget.condition(self.position)?;
        match self.literal()? {
            Some((value, position)) => self.after_literal(value, position),
            None => self.after_path(),
        }
    }

    /// A condition that starts by a value: the mirror of the usual one.
    fn after_literal(&mut self, value: Literal, position: usize) -> Result<Expr, Error> {
        let Some(op) = self.operator() else {
            return match value {
                Literal::Bool(true) => Ok(Expr::All(Vec::new())),
                Literal::Bool(false) => Ok(Expr::Any(Vec::new())),
                _ => Err(self.unexpected("eq, ne, gt, ge, lt or le")),
            };
        };
        self.advance()?;
        check_null(op, &value, position)?;
        let path = self.path()?;
        Ok(Expr::Compare { path, op: op.mirrored(), value })
    }

    /// A condition that starts by a path or a function.
    fn after_path(&mut self) -> Result<Expr, Error> {
        let path = self.path()?;
        if self.token == Token::Open {
            return self.call(&path);
        }
        if self.token.is_keyword("in") {
            self.advance()?;
            let values = self.list()?;
            return Ok(Expr::In { path, values });
        }
        let Some(op) = self.operator() else {
            let (op, value) = (Op::Eq, Literal::Bool(true));
            return Ok(Expr::Compare { path, op, value });
        };
        self.advance()?;
        let (value, position) = self.value()?;
        check_null(op, &value, position)?;
        Ok(Expr::Compare { path, op, value })
    }

    /// The arguments of a function whose name was read as a path.
    fn call(&mut self, name: &Path) -> Result<Expr, Error> {
        let name_text = name.to_string();
        let function = Function::EVERY
            .into_iter()
            .find(|function| name_text.eq_ignore_ascii_case(function.name()))
            .ok_or_else(|| {
                Token::Word(name.segments.clone())
                    .unexpected(name.position, "contains, startswith or endswith")
            })?;
        self.advance()?;
        let path = self.path()?;
        self.expect(&Token::Comma, "\",\"")?;
        let Token::Text(text) = &self.token else {
            return Err(self.unexpected("a text between quotes"));
        };
        let text = text.clone();
        self.advance()?;
        self.expect(&Token::Close, "\")\"")?;
        Ok(Expr::Call { function, path, text })
    }

    /// One or more values in parentheses.
    fn list(&mut self) -> Result<Vec<Literal>, Error> {
        self.expect(&Token::Open, "\"(\"")?;
        let mut values = Vec::new();
        loop {
            self.budget.value(values.len() + 1, self.position)?;
            values.push(self.value()?.0);
            if self.token != Token::Comma {
                break;
            }
            self.advance()?;
        }
        self.expect(&Token::Close, "\",\" or \")\"")?;
        Ok(values)
    }

    fn operator(&self) -> Option<Op> {
        Op::EVERY.into_iter().find(|op| self.token.is_keyword(op.keyword()))
    }

    fn path(&mut self) -> Result<Path, Error> {
        let reserved = RESERVED.iter().any(|word| self.token.is_keyword(word));
        let segments = match &self.token {
            Token::Word(segments) if !reserved && self.operator().is_none() => segments.clone(),
            _ => return Err(self.unexpected("a field")),
        };
        let (_, position) = self.advance()?;
        Ok(Path { segments, position })
    }

    fn value(&mut self) -> Result<(Literal, usize), Error> {
        match self.literal()? {
            Some(value) => Ok(value),
            None => Err(self.unexpected("a value")),
        }
    }

    /// The value at the current token with its position, or `None` in place.
    fn literal(&mut self) -> Result<Option<(Literal, usize)>, Error> {
        let value = match &self.token {
            Token::Text(text) => Literal::Text(text.clone()),
            Token::Number(number) => Literal::Number(*number),
            Token::Date(date) => Literal::Date(date.clone()),
            word if word.is_keyword("null") => Literal::Null,
            word if word.is_keyword("true") => Literal::Bool(true),
            word if word.is_keyword("false") => Literal::Bool(false),
            _ => return Ok(None),
        };
        let (_, position) = self.advance()?;
        Ok(Some((value, position)))
    }
}

/// Nothing is greater or less than null.
fn check_null(op: Op, value: &Literal, position: usize) -> Result<(), Error> {
    if *value == Literal::Null && !matches!(op, Op::Eq | Op::Ne) {
        return Err(ErrorKind::Unexpected {
            found: Some("null".to_owned()),
            expected: "a value other than null after gt, ge, lt and le",
        }
        .at(position));
    }
    Ok(())
}
