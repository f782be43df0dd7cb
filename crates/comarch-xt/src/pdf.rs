//! A document on one page of A4, as a PDF with the fonts that every reader has.

use pdf_writer::{Content, Finish as _, Name, Pdf, Rect, Ref, Str};
use rust_decimal::Decimal;

/// A4 in points.
const PAGE: Rect = Rect { x1: 0.0, y1: 0.0, x2: 595.0, y2: 842.0 };
const LEFT: f32 = 57.0;
const RIGHT: f32 = 538.0;
const LEADING: f32 = 15.0;

/// How many lines fit on the page; how many more there are is said below them.
const MOST_LINES: usize = 28;

/// The longest name of a line, in characters.
const LONGEST_NAME: usize = 42;

/// Right edges of quantity, price and amount, left edge of the unit.
const QUANTITY: f32 = 330.0;
const UNIT: f32 = 342.0;
const PRICE: f32 = 450.0;

/// The words of a print.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) invoice: &'static str,
    pub(crate) proforma: &'static str,
    pub(crate) issued: &'static str,
    /// Name, quantity, unit, price, amount.
    pub(crate) columns: [&'static str; 5],
    /// Net, VAT, gross.
    pub(crate) totals: [&'static str; 3],
    pub(crate) more: &'static str,
}

/// One printed line.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) quantity: Decimal,
    pub(crate) unit: String,
    pub(crate) price: Decimal,
    pub(crate) amount: Decimal,
}

/// What is printed.
#[derive(Debug)]
pub(crate) struct Sheet {
    pub(crate) title: String,
    pub(crate) issued: String,
    /// Name and address, a line each.
    pub(crate) customer: Vec<String>,
    pub(crate) lines: Vec<Line>,
    /// Net, VAT, gross.
    pub(crate) totals: [Decimal; 3],
    pub(crate) currency: String,
    /// The template's name, printed at the foot.
    pub(crate) template: String,
}

const REGULAR: Name<'static> = Name(b"F1");
const BOLD: Name<'static> = Name(b"F2");

/// The text of a page, written from the top.
struct Pen {
    content: Content,
    y: f32,
}

impl Pen {
    fn text(&mut self, font: Name<'_>, size: f32, x: f32, text: &str) {
        self.content.begin_text().set_font(font, size).next_line(x, self.y);
        self.content.show(Str(&win_ansi(text))).end_text();
    }

    /// A number that ends at `x`.
    fn number(&mut self, font: Name<'_>, x: f32, number: &str) {
        self.text(font, 10.0, x - width(number), number);
    }

    fn down(&mut self, lines: f32) {
        self.y -= lines * LEADING;
    }

    fn rule(&mut self) {
        let y = self.y + LEADING * 0.7;
        self.content.move_to(LEFT, y).line_to(RIGHT, y).stroke();
    }
}

impl Sheet {
    /// The bytes of the file: the same for the same document.
    pub(crate) fn to_pdf(&self, layout: &Layout) -> Vec<u8> {
        let [catalog, pages, page, content, regular, bold] = [1, 2, 3, 4, 5, 6].map(Ref::new);
        let mut pdf = Pdf::new();
        pdf.catalog(catalog).pages(pages);
        pdf.pages(pages).kids([page]).count(1);
        let mut only = pdf.page(page);
        only.parent(pages).media_box(PAGE).contents(content);
        only.resources().fonts().pair(REGULAR, regular).pair(BOLD, bold);
        only.finish();
        for (font, name) in [(regular, Name(b"Helvetica")), (bold, Name(b"Helvetica-Bold"))] {
            pdf.type1_font(font).base_font(name).encoding_predefined(Name(b"WinAnsiEncoding"));
        }
        pdf.stream(content, &self.content(layout));
        pdf.finish()
    }

    fn content(&self, layout: &Layout) -> Vec<u8> {
        let mut pen = Pen { content: Content::new(), y: 780.0 };
        pen.text(BOLD, 18.0, LEFT, &self.title);
        pen.down(1.5);
        pen.text(REGULAR, 10.0, LEFT, &self.issued);
        pen.down(2.0);
        for line in &self.customer {
            pen.text(REGULAR, 10.0, LEFT, line);
            pen.down(1.0);
        }
        pen.down(1.0);
        let [name, quantity, unit, price, amount] = layout.columns;
        pen.text(BOLD, 10.0, LEFT, name);
        pen.text(BOLD, 10.0, UNIT, unit);
        for (x, column) in [(QUANTITY, quantity), (PRICE, price), (RIGHT, amount)] {
            pen.text(BOLD, 10.0, x - width(column), column);
        }
        pen.down(1.2);
        pen.rule();
        self.lines.iter().take(MOST_LINES).for_each(|line| line.write(&mut pen));
        if self.lines.len() > MOST_LINES {
            let more = format!("… {} {}", self.lines.len() - MOST_LINES, layout.more);
            pen.text(REGULAR, 10.0, LEFT, &more);
            pen.down(1.0);
        }
        pen.down(0.4);
        pen.rule();
        for ((label, total), font) in layout.totals.iter().zip(&self.totals).zip([REGULAR, REGULAR, BOLD]) {
            pen.text(font, 10.0, UNIT, &format!("{label} {}", self.currency));
            pen.number(font, RIGHT, &total.to_string());
            pen.down(1.0);
        }
        pen.y = 40.0;
        pen.text(REGULAR, 8.0, LEFT, &self.template);
        pen.content.finish().to_vec()
    }
}

impl Line {
    fn write(&self, pen: &mut Pen) {
        let name: String = self.name.chars().take(LONGEST_NAME).collect();
        pen.text(REGULAR, 10.0, LEFT, &name);
        pen.number(REGULAR, QUANTITY, &self.quantity.to_string());
        pen.text(REGULAR, 10.0, UNIT, &self.unit);
        pen.number(REGULAR, PRICE, &self.price.to_string());
        pen.number(REGULAR, RIGHT, &self.amount.to_string());
        pen.down(1.0);
    }
}

/// How wide a text of 10 points is: exact for digits and signs, an average for letters.
fn width(text: &str) -> f32 {
    let of = |letter: char| match letter {
        '.' | ',' | ' ' | 'i' | 'l' => 2.78,
        '-' => 3.33,
        _ => 5.56,
    };
    text.chars().map(of).sum()
}

/// The bytes of a text in the encoding of the fonts. Polish letters that it lacks lose their signs.
fn win_ansi(text: &str) -> Vec<u8> {
    let byte = |letter: char| match letter {
        '€' => 0x80,
        '…' => 0x85,
        '–' => 0x96,
        'Š' => 0x8a,
        'š' => 0x9a,
        'Ž' => 0x8e,
        'ž' => 0x9e,
        'ą' => b'a',
        'ć' => b'c',
        'ę' => b'e',
        'ł' => b'l',
        'ń' => b'n',
        'ś' => b's',
        'ź' | 'ż' => b'z',
        'Ą' => b'A',
        'Ć' => b'C',
        'Ę' => b'E',
        'Ł' => b'L',
        'Ń' => b'N',
        'Ś' => b'S',
        'Ź' | 'Ż' => b'Z',
        letter => {
            u8::try_from(letter).ok().filter(|byte| !matches!(byte, 0..0x20 | 0x7f..0xa0)).unwrap_or(b'?')
        }
    };
    text.chars().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_written_in_the_encoding_of_the_fonts() {
        assert_eq!(win_ansi("Größe 5 €"), b"Gr\xf6\xdfe 5 \x80");
        assert_eq!(win_ansi("Łódź – 漢\n"), b"L\xf3dz \x96 ??");
    }
}
