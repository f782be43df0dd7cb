//! A capsule as a page for people.

use control::text::{counted, shown};
use serde_json::Value;
use simhost::server::opened::Opened;

/// How long a body may be that is shown whole.
const MAX_BODY: usize = 400;

/// What happened: where it began, each request and change, what came of it.
pub(super) fn page(capsule: &Opened) -> String {
    let head = &capsule.head;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut lines = vec![
        format!("sandbox {} of Erpsatz {}", text(&head["sandbox"]), text(&head["erpsatz"])),
        format!("scenario {}, seed {}", shown(&text(&head["scenario"]["name"])), head["seed"]),
        format!("from {} to {}", text(&head["clock"]["started"]), text(&capsule.end["clock"]["now"])),
    ];
    let corrected: Vec<&String> =
        head["profiles"].as_object().into_iter().flatten().map(|(slug, _)| slug).collect();
    if !corrected.is_empty() {
        lines.push(format!(
            "profiles of {}",
            corrected.iter().map(|slug| slug.as_str()).collect::<Vec<_>>().join(", ")
        ));
    }
    let dropped = head["dropped"].as_u64().unwrap_or_default();
    if dropped > 0 {
        lines.push(format!("without {}", counted(dropped, "earlier request", "earlier requests")));
    }
    lines.push(String::new());
    for event in &capsule.events {
        lines.extend(told(event));
    }
    lines.push(String::new());
    lines.extend(changed(&head["before"], &capsule.end["records"]));
    lines.extend(outcome(&capsule.end["report"]));
    lines.join("\n")
}

fn told(event: &Value) -> Vec<String> {
    let change = &event["change"];
    if !change.is_null() {
        let text = |name: &str| change[name].as_str().unwrap_or_default().to_owned();
        let line = format!("      {} control {} {}", text("at"), text("method"), shown(&text("path")));
        return [Some(line), body(change)].into_iter().flatten().collect();
    }
    let request = &event["request"];
    let text = |name: &str| request[name].as_str().unwrap_or_default().to_owned();
    let query = if text("query").is_empty() { String::new() } else { format!("?{}", text("query")) };
    let status =
        request["status"].as_u64().map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    let fault = if text("fault").is_empty() { String::new() } else { format!("  fault {}", text("fault")) };
    let line = format!(
        "{:<5} {} {} {} {}{} -> {status}{fault}",
        format!("#{}", request["id"]),
        text("at"),
        text("server"),
        text("method"),
        shown(&text("path")),
        shown(&query),
    );
    let is_refused = request["handled_status"].as_u64().is_some_and(|status| status >= 400);
    let answer = body(&request["response"]).filter(|_| is_refused);
    [Some(line), body(request), answer].into_iter().flatten().collect()
}

fn body(of: &Value) -> Option<String> {
    let text = of["body"].as_str()?;
    let short: String = text.chars().take(MAX_BODY).collect();
    let more = if short.len() < text.len() { "…" } else { "" };
    Some(format!("        {}{more}", shown(&short.replace('\n', " "))))
}

/// Which entities have another number of records than before.
fn changed(before: &Value, after: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    for (slug, entities) in after.as_object().into_iter().flatten() {
        for (entity, records) in entities.as_object().into_iter().flatten() {
            let count = |records: &Value| records.as_array().map_or(0, Vec::len);
            let then = &before[slug][entity];
            let (was, is) = (count(then), count(records));
            if then != records {
                lines.push(format!("{slug} {entity}: {was} records before, {is} after"));
            }
        }
    }
    lines
}

/// What was expected and did not come about, and what the judge says.
fn outcome(report: &Value) -> Vec<String> {
    let list = |name: &str| report[name].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut lines = Vec::new();
    for expectation in list("expectations") {
        let verb = if expectation["met"] == true { "met" } else { "missed" };
        let description = shown(&text(&expectation["description"])).into_owned();
        let count = match expectation["count"].as_u64() {
            Some(1) => "once".to_owned(),
            count => format!("{} times", count.unwrap_or_default()),
        };
        lines.push(format!("{verb}: {description} ({count})"));
    }
    for verdict in list("verdicts") {
        let said = shown(&text(&verdict["message"])).into_owned();
        lines.push(format!("{} {}: {said}", text(&verdict["severity"]), text(&verdict["verdict"])));
    }
    for violation in list("violations") {
        let nearest = violation["nearest"].as_str();
        let nearest =
            nearest.map(|nearest| format!("; did you mean {}?", shown(nearest))).unwrap_or_default();
        lines.push(format!("outside the contract: {}{nearest}", shown(&text(&violation["message"]))));
    }
    lines
}
