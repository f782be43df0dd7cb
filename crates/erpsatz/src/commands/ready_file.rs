//! `--ready-file`: a regular file is replaced whole; into anything else is written.

#![expect(clippy::disallowed_methods, reason = "a file that the command line names")]

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use serde_json::Value;

/// Writes `ready` for whoever waits for it: readers never see half of a regular file.
///
/// # Errors
/// One line that names the file.
pub(super) fn write(file: &Path, ready: &Value, is_secret: bool) -> Result<(), String> {
    let text = format!("{ready}\n");
    let kind = fs::symlink_metadata(file).map(|data| data.file_type());
    let is_replaced = kind.as_ref().map_or(true, fs::FileType::is_file);
    let written = if is_replaced {
        replace(file, &text, is_secret)
    } else if fs::metadata(file).map_or(true, |data| data.is_file() || data.is_dir()) {
        // A symlink, to a file that may not be there yet.
        options(is_secret)
            .create(true)
            .truncate(true)
            .open(file)
            .and_then(|mut file| file.write_all(text.as_bytes()))
    } else {
        write_when_read(file, text)
    };
    written.map_err(|error| format!("{}: {error}", file.display()))
}

fn options(is_secret: bool) -> OpenOptions {
    let mut options = File::options();
    options.write(true);
    #[cfg(unix)]
    if is_secret {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    let _ = is_secret;
    options
}

fn replace(file: &Path, text: &str, is_secret: bool) -> io::Result<()> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let new = file.with_file_name(format!(".{name}.{}.new", std::process::id()));
    let mut written = options(is_secret).create_new(true).open(&new)?;
    let done = written.write_all(text.as_bytes()).and_then(|()| fs::rename(&new, file));
    if done.is_err() {
        let _ = fs::remove_file(&new);
    }
    done
}

/// A FIFO is opened when somebody reads it, which may be never.
fn write_when_read(file: &Path, text: String) -> io::Result<()> {
    let file = file.to_owned();
    let write = move || {
        let written =
            File::options().write(true).open(&file).and_then(|mut file| file.write_all(text.as_bytes()));
        if let Err(error) = written {
            tracing::warn!(file = %file.display(), %error, "the ready file was not written");
        }
    };
    std::thread::Builder::new().name("ready-file".to_owned()).spawn(write).map(drop)
}
