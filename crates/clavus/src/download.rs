//! `/api/downloadFile` and the links it gives (fact sheet 2.4).

use axum::http::header::{ALLOW, CONTENT_TYPE};
use axum::http::{HeaderValue, Method};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use simcore::simulator::ctx::Public;
use simcore::simulator::extract::{Path, Query};
use simcore::{Ctx, Db, Error, Result, said};

use crate::api::Api;
use crate::column::{self, ColumnType};
use crate::index;

/// `{"fileId"}` to `{"status": "success", "data": {"s3Url"}}`.
pub(crate) async fn link(_: Public, entry: Result<Ctx>, method: Method, body: Bytes) -> Result<Response> {
    if method != Method::POST {
        return Err(Error::from(said!(FILE_METHOD)).header(ALLOW, "POST"));
    }
    let ctx = entry.map_err(|_| said!(FILE_UNAUTHORIZED))?;
    let body: Value = serde_json::from_slice(&body).map_err(|_| said!(FILE_BODY))?;
    let file = body["fileId"].as_str().filter(|file| !file.is_empty());
    let file = file.ok_or_else(|| said!(FILE_ID_MISSING))?;
    let seconds = ctx.settings.integer("s3_link_seconds");
    let signature = ctx
        .write(|db| {
            index::refresh(db)?;
            if !is_readable(&Api::new(&ctx, *db)?, file)? {
                return Err(said!(FILE_NOT_FOUND).into());
            }
            let signature: String = db.random::<16>()?.iter().map(|byte| format!("{byte:02x}")).collect();
            db.issue_token(&signature, file)?;
            Ok(signature)
        })
        .await?;
    let path = utf8_percent_encode(file, NON_ALPHANUMERIC);
    let date = ctx.now.strftime("%Y%m%dT%H%M%SZ");
    let url = format!(
        "{}{}/__s3/{path}?X-Amz-Expires={seconds}&X-Amz-Date={date}&X-Amz-Signature={signature}",
        ctx.origin, ctx.prefix
    );
    let body = json!({ "status": "success", "data": { "s3Url": url } });
    Ok(([(CONTENT_TYPE, "application/json; charset=utf-8")], body.to_string()).into_response())
}

/// Whether there is such a file, and the key may read a column that holds it; one that no folder holds is anybody's.
fn is_readable(api: &Api<'_>, file: &str) -> Result<bool> {
    let db = &api.db;
    if db.find(db.table("files")?, "", "id", file)?.is_none() {
        return Ok(false);
    }
    let text = "SELECT DISTINCT \"column\" FROM _values WHERE text = ?";
    let mut statement = db.conn.prepare_cached(text)?;
    let holding: Vec<i64> =
        statement.query_map([file.trim()], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let is_file = |row: &i64, columns: &column::Columns| {
        columns.0.iter().any(|column| column.row == *row && column.kind == ColumnType::File)
    };
    let all = column::all(db)?;
    let holding: Vec<i64> = holding.into_iter().filter(|row| is_file(row, &all)).collect();
    Ok(holding.is_empty() || holding.iter().any(|row| is_file(row, &api.columns)))
}

/// The bytes behind a link, for as long as it lives; no key is asked for, the signature is one.
pub(crate) async fn content(Public(ctx): Public, Path(file): Path<String>, query: Query) -> Result<Response> {
    let signature = query.get("X-Amz-Signature").unwrap_or_default();
    let lives = ctx.settings.integer("s3_link_seconds");
    ctx.read(|db| {
        let token = db.token(signature)?.filter(|token| token.holder == file);
        let Some(token) = token else {
            return Err(said!(LINK_SIGNATURE).into());
        };
        if ctx.now.as_second() - token.issued_at.as_second() >= lives {
            return Err(Error::from(said!(LINK_EXPIRED)).by_clock());
        }
        stored(db, &file)
    })
    .await
}

fn stored(db: &Db<'_>, file: &str) -> Result<Response> {
    let Some(record) = db.find(db.table("files")?, "", "id", file)? else {
        return Err(said!(LINK_NO_FILE).into());
    };
    let media = HeaderValue::from_str(record.text("contentType"));
    let media = media.unwrap_or(HeaderValue::from_static("application/octet-stream"));
    Ok(([(CONTENT_TYPE, media)], record.text("content").to_owned()).into_response())
}
