//! `erpsatz profile`.

use std::path::PathBuf;

use erpsatz::{Config, Profiles, check_profile, load_library, load_simulators, registry};
use serde_json::{Value, json};
use simcore::Loaded;
use simcore::base::map::IndexMap;
use simcore::contract::{Contract, Operation};
use simcore::entity::overlay;
use simcore::entity::profile::{Entity, Field};
use simcore::entity::refusals::{Refusal, Sentence, Status};
use simcore::simulator::find;

use crate::Failure;
use crate::args::{ProfileArgs, ProfileLook};
use crate::commands::say;

pub(crate) fn run(args: &ProfileArgs) -> Result<(), Failure> {
    match &args.look {
        ProfileLook::Check { files } => check(files, args.unasked.json),
        ProfileLook::Schema { slug } => {
            let loaded = load_simulators(&Config::default())?;
            let server = slug.as_ref().map(|slug| find(&loaded, slug)).transpose().map_err(Failure::Usage)?;
            let calls = server.map(|(_, server)| server.calls()).unwrap_or_default();
            let schema = overlay::schema(server.map(|(_, server)| &*server.model.profile), &calls);
            say(&format!("{schema:#}"));
            Ok(())
        }
        ProfileLook::Show { slug, profile } => {
            let profiles = profile.iter().cloned().collect();
            let loaded = load_simulators(&Config { profiles, ..Config::default() })?;
            let (_, server) = find(&loaded, slug).map_err(Failure::Usage)?;
            if args.unasked.json {
                say(&as_json(server).to_string());
            } else {
                show(server);
            }
            Ok(())
        }
    }
}

/// Checks the files of each server, and whether the default data still fit.
fn check(files: &[(String, PathBuf)], as_json: bool) -> Result<(), Failure> {
    let library = load_library(&Config::default()).map_err(Failure::Failed)?;
    let profiles: Profiles = files.iter().cloned().collect();
    let (mut items, mut wrong) = (Vec::new(), Vec::new());
    for slug in profiles.slugs() {
        let sim = registry::find(slug).map_err(Failure::Usage)?;
        let loaded = profiles.load(sim);
        let checked = loaded.and_then(|loaded| check_profile(&loaded, &library, &profiles.name(slug)));
        let of_server = profiles.files(slug);
        for file in of_server {
            let name = file.display().to_string();
            // Of several files those are wrong that the mistakes name.
            let error = checked.as_ref().err().filter(|why| of_server.len() == 1 || why.contains(&name));
            if error.is_none() && !as_json {
                say(&format!("{name}: fine"));
            }
            items.push(json!({ "server": slug, "file": name, "ok": error.is_none(), "error": error }));
        }
        wrong.extend(checked.err());
    }
    if as_json {
        let total = items.len();
        say(&json!({ "items": items, "total": total }).to_string());
    }
    if wrong.is_empty() { Ok(()) } else { Err(Failure::Failed(wrong.join("\n"))) }
}

/// What [`show`] prints, for programs.
fn as_json(server: &Loaded) -> Value {
    let (profile, contract) = (&server.model.profile, server.usual_contract());
    let call = |operation: &Operation| {
        json!({
            "method": operation.method,
            "path": operation.path,
            "evidence": operation.evidence.name(),
            "usual": operation.own_path,
            "status": operation.status,
            "usual_status": operation.own_status,
        })
    };
    json!({
        "server": server.sim.slug,
        "title": server.sim.title,
        "calls": contract.operations.iter().map(call).collect::<Vec<_>>(),
        "refusals": profile.errors,
        "names": profile.names,
        "settings": profile.settings,
        "entities": profile.entities,
    })
}

fn show(server: &Loaded) {
    let (profile, contract) = (&server.model.profile, server.usual_contract());
    say(&format!("# {}: {}", server.sim.slug, server.sim.title));
    calls(&contract);
    say("\nrefusals:");
    for (name, refusal) in &profile.errors {
        say(&format!("  {name}: {}", refused(refusal)));
    }
    if !profile.names.is_empty() {
        say("\nnames:");
        profile.names.iter().for_each(|(own, wire)| say(&format!("  {own}: {wire}")));
    }
    say("\nsettings:");
    for (name, setting) in &profile.settings {
        let (kind, evidence) = (setting.kind.name(), setting.evidence.name());
        say(&format!("  {name}: {kind} = {} [{evidence}]  {}", setting.default, setting.about));
    }
    say("\nentities:");
    for (name, entity) in &profile.entities {
        entity_lines(name, entity);
    }
}

fn calls(contract: &Contract) {
    say("\ncalls:");
    for operation in &contract.operations {
        let usual = operation.own_path.as_ref().map(|usual| format!("  usually {usual}")).unwrap_or_default();
        let evidence = operation.evidence.name();
        let status = operation.status.map(|status| format!("  succeeds with {status}")).unwrap_or_default();
        say(&format!("  {} {} [{evidence}]{usual}{status}", operation.method, operation.path));
    }
}

fn refused(refusal: &Refusal) -> String {
    let status = refusal.status.as_ref().map(|status| match status {
        Status::Code(code) => code.to_string(),
        Status::Setting { setting } => format!("(setting {setting})"),
    });
    let message = refusal.message.iter().flat_map(Sentence::texts).map(|(language, text)| {
        language.map_or_else(|| format!("{text:?}"), |language| format!("{language}: {text:?}"))
    });
    let parts = status.into_iter().chain(refusal.code.clone()).chain(message);
    format!("{} [{}]", parts.collect::<Vec<_>>().join(" "), refusal.evidence.name())
}

fn entity_lines(name: &str, entity: &Entity) {
    say(&format!("  {name} [{}]  {}", entity.evidence.name(), entity.about));
    for (variant, verbs) in &entity.access {
        say(&format!("    access {variant}: {}", verbs.join(" ")));
    }
    if let Some(order) = entity.order.clone().map(String::from) {
        say(&format!("    order {order}"));
    }
    field_lines(&entity.fields, "    ");
}

fn field_lines(fields: &IndexMap<String, Field>, indent: &str) {
    for (name, field) in fields {
        let required = if field.required { " required" } else { "" };
        say(&format!("{indent}{name}: {}{required} [{}]", field.kind.name(), field.evidence.name()));
        field_lines(&field.fields, &format!("{indent}  "));
    }
}
