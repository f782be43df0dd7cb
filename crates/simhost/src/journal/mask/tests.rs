use super::*;

fn mask_text(text: &str, names: &[&str]) -> String {
    super::mask_text(text, names, |_| {})
}

#[test]
fn values_are_masked_wherever_they_stand() {
    let names = ["password", "access_token"];
    for (text, masked) in [
        (r#"{"userName":"a","Password": "p\"w","n":1}"#, r#"{"userName":"a","Password": "***","n":1}"#),
        ("login=a&password=pw&x=1", "login=a&password=***&x=1"),
        (r#"{"access_token":"abc","expires":600}"#, r#"{"access_token":"***","expires":600}"#),
        (r#"{"password":"torn"#, r#"{"password":"***"#),
        (r#"{"query":"{ f(password: \"x\") }"}"#, r#"{"query":"{ f(password: \"***\") }"}"#),
        (r#"{"password":12345}"#, r#"{"password":***}"#),
        ("nothing here", "nothing here"),
        (r#"{"passwordless":"kept"}"#, r#"{"passwordless":"kept"}"#),
        (r#"{"mypassword":"pw"}"#, r#"{"mypassword":"***"}"#),
        (r#"{"password":["a","b, ]"],"n":1}"#, r#"{"password":***,"n":1}"#),
        (r#"{"password":{"x":["a"]}}"#, r#"{"password":***}"#),
        (r#"{"password":["torn"#, r#"{"password":***"#),
        (r#"{"password":["é","ü"#, r#"{"password":***"#),
        ("password=a, b c&x=1", "password=***&x=1"),
        ("{'password': 'a b', 'n': 1}", "{'password': '***', 'n': 1}"),
        (r#"{"Client_Secret":"s","api_key":"k"}"#, r#"{"Client_Secret":"***","api_key":"***"}"#),
    ] {
        assert_eq!(mask_text(text, &names), masked);
    }
}

#[test]
fn no_canary_sings() {
    for text in [
        r#"{"query":"{ f(password: \"a\\\"CANARY\") }"}"#,
        r#"{"query":"{ f(password: \"\"\"a \" CANARY\"\"\") }"}"#,
        r#"{ f(password: """a " CANARY""") }"#,
        r#"{"text":"{\"inner\":\"{\\\"password\\\":\\\"CANARY\\\"}\"}"}"#,
        "q=%7B%22password%22%3A%22a%5C%22CANARY%22%7D",
        "q=%7B%22password%22%3A%20%22CANARY%22%7D&x=1",
        r#"{"clientSecret":"CANARY"}"#,
        r#"{"accessToken":"CANARY"}"#,
        r#"{"refreshToken":"CANARY"}"#,
        r#"{"id_token":"CANARY"}"#,
        r#"{"newPassword":"CANARY"}"#,
        r#"{"pwd":"CANARY"}"#,
        "pwd=CANARY",
        "api-key=CANARY&x=1",
        "q=%257B%2522password%2522%253A%2520%2522CANARY%2522%257D",
        r#"{"X-Signature":"CANARY"}"#,
        r#"{"userMotDePasse":"CANARY"}"#,
        "mot_de_passe=CANARY",
        r#"{"Kennwort":"CANARY"}"#,
        r#"{"jwt":"CANARY","otp":"CANARY","bearer":"CANARY"}"#,
        "client_assertion=CANARY&code_verifier=CANARY&sessionId=CANARY",
        r#"{"auth":{"user":"CANARY"},"X-Auth-Tokn":"CANARY"}"#,
        r#"{"signing_key":"CANARY","accessKey":"CANARY","X-CSRF":"CANARY"}"#,
        r#"{"api_kee":"CANARY"}"#,
        r#"{"passwrod":"CANARY"}"#,
        "<Login><Password>CANARY</Password></Login>",
        "<s:Login><s:Password xml:space=\"preserve\">CA<![CDATA[CANARY]]></s:Password></s:Login>",
        "<login password=\"CANARY\"/>",
        "--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nCANARY\r\n--b--",
        "Authorization: Basic CANARY",
        "authorization: bearer CANARY, x",
        "https://user:CANARY@host/x",
        r#"{"hookUrl":"https://CANARY:x@host/hooks/CANARY?k=CANARY"}"#,
        r#"{"url":"https://host/x?token=CANARY","n":1}"#,
    ] {
        let masked = mask_text(text, &[]);
        assert!(!masked.contains("CANARY") && masked.contains(MASK), "{text}: {masked}");
    }
    assert_eq!(mask_text(r#"{"hookUrl":"https://host/secret/x"}"#, &[]), r#"{"hookUrl":"https://host/***"}"#);
    for kept in [
        r#"{"token_type":"bearer","expires":600}"#,
        r#"{"grant_type":"client_credentials"}"#,
        "grant_type=client_credentials&x=1",
        r#"{"keyword":"x","monkey":1,"secretary":"y","author":"z"}"#,
        r#"{"NoProduit":"A-1","Description":"Clé : 5 = cinq"}"#,
    ] {
        assert_eq!(mask_text(kept, &[]), kept);
    }
}

#[test]
fn a_slip_of_a_secret_header_is_one() {
    for name in [
        "X-API-KEI",
        "api_kee",
        "autorization",
        "Authorisation",
        "api-key",
        "X-Signature",
        "pwd",
        "credentials",
    ] {
        assert!(is_secret_header(name, &["api_key"]), "{name}");
    }
    for name in
        ["accept", "accept-encoding", "content-type", "host", "user-agent", "company_id", "authority-x"]
    {
        assert!(!is_secret_header(name, &["api_key"]) || name.contains("auth"), "{name}");
    }
}

/// Wherever in the name of a header one of the words stands, which names of fields only end with.
#[test]
fn a_word_in_a_header_is_enough() {
    for name in [
        "X-Auth-User",
        "X-Cookie-Data",
        "X-Key-Id",
        "X-Password-Hint",
        "X-Secret-Id",
        "X-Signature-Input",
        "X-Token-Id",
    ] {
        assert!(is_secret_header(name, &[]) && !is_secret_field(name, &[]), "{name}");
    }
}

/// A slip in each name that may be misspelt.
#[test]
fn a_slip_of_a_name_is_that_name() {
    for name in [
        "autorizaton",
        "apikee",
        "xapikee",
        "accestokn",
        "auhtoken",
        "xauhtoken",
        "coookie",
        "cliensecret",
        "pasword",
        "motdepase",
    ] {
        assert!(is_secret_field(name, &[]), "{name}");
    }
}

#[test]
fn a_compressed_body_is_looked_into() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, br#"{"password":"CANARY"}"#).expect("a vector");
    let compressed = gzip.finish().expect("a vector");
    assert_eq!(mask_bytes(&compressed, &[]), br#"{"password":"***"}"#);
    let torn = &compressed[..compressed.len() - 8];
    assert_eq!(mask_bytes(torn, &[]), br#"{"password":"***"}"#);
}

/// As often as a text may stand in another one.
#[test]
fn texts_in_texts_are_looked_into() {
    let mut text = r#"{"password":"CANARY"}"#.to_owned();
    for level in 0..=LEVELS {
        assert!(!mask_text(&text, &[]).contains("CANARY"), "{level}: {text}");
        text = serde_json::json!({ "text": text }).to_string();
    }
}

#[test]
fn conditions_are_masked_in_our_own_json() {
    let mut rule = serde_json::json!({
        "when": { "header": { "X-Token-Id": "Bearer x", "X": "y" }, "body": { "password": "x", "n": 1 } },
        "request": { "body": "password=x&n=1" },
    });
    mask_json(&mut rule);
    assert_eq!(
        rule.to_string(),
        r#"{"when":{"header":{"X-Token-Id":"***","X":"y"},"body":{"password":"***","n":1}},"request":{"body":"password=***&n=1"}}"#
    );
}

/// A name for each word by which secrets are known.
const NAMES: [&str; 32] = [
    "clientSecret",
    "client_secret",
    "accessToken",
    "refreshToken",
    "id_token",
    "newPassword",
    "password",
    "pwd",
    "api-key",
    "apiKey",
    "api_kee",
    "X-API-KEI",
    "X-Signature",
    "authToken",
    "secret",
    "jwt",
    "motDePasse",
    "haslo",
    "hasło",
    "mdp",
    "passcode",
    "passphrase",
    "oldPasswd",
    "privateKey",
    "secretKey",
    "sessionid",
    "X-Amz-Signature",
    "shopCredential",
    "userAuthorization",
    "lastCookie",
    "my_apikey",
    "myApiKey",
];

/// Every name in every form that a body has.
#[test]
fn names_are_known_in_every_form() {
    for name in NAMES {
        let json = format!(r#"{{"a":{{"b":[{{"{name}":"CANARY","n":1}}]}}}}"#);
        let escaped = serde_json::to_string(&json).expect("a text");
        let graphql = [
            format!(r#"{{ f(i: {{ {name}: "CANARY" }}) {{ id }} }}"#),
            format!("{{ f({name}: \"\"\"a \\\"\"\" CANARY \" CANARY\"\"\") }}"),
            format!(r#"query ($x: Int, ${name}: String! = "CANARY") {{ f(x: $x) }}"#),
        ];
        let queries = graphql.iter().map(|query| serde_json::json!({ "query": query }).to_string());
        let forms = [
            json.clone(),
            format!(r#"{{"query":"{{ f }}","variables":{{"i":{{"{name}":"CANARY"}}}}}}"#),
            format!(r#"{{"{name}":["CANARY",{{"x":"CANARY"}}]}}"#),
            format!(r#"{{"text":{escaped}}}"#),
            format!(r#"{{"text":"{}"}}"#, json.replace('"', r"\u0022")),
            format!("<x>{}</x>", json.replace('"', "&quot;")),
            format!("x=1&{name}=CANARY&y=2"),
            format!("user%5B{name}%5D=CANARY&user[{name}]=CANARY&{name}[]=CANARY"),
            format!("{}=CANARY", name.replace('_', "%5F").replace('-', "%2D")),
            format!("<Login><{name}>CANARY</{name}></Login>"),
            format!("<s:{name} a=\"b\">CANARY</s:{name}>"),
            format!("<login {name}='CANARY'/>"),
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\nCANARY\r\n--b--"),
            format!(
                "--b\nContent-Type: text/plain\nContent-Disposition: form-data; name={name}\n\nCANARY\n--b--"
            ),
            format!("/v1/login;{name}=CANARY"),
        ];
        for text in forms.into_iter().chain(graphql.clone()).chain(queries) {
            let masked = mask_text(&text, &[]);
            assert!(!masked.contains("CANARY") && masked.contains(MASK), "{text}: {masked}");
        }
    }
}

#[test]
fn what_only_looks_like_it_is_kept() {
    for kept in [
        "a=100%25&b=%C3%A9",
        "<a>Fish &amp; Chips: &quot;good&quot;</a>",
        r#"{"a":"\u00e9t\u00e9","b":"C:\\u0022"}"#,
        "/api/Entity/Product(Key=5)",
        "query ($n: Int = 5, $name: String = \"x\") { f }",
    ] {
        assert_eq!(mask_text(kept, &[]), kept);
    }
}

#[test]
fn a_slip_of_a_header_is_known() {
    for secret in [
        "X-Api-Kye",
        "api_kye",
        "apikye",
        "apiki",
        "Tokn",
        "X-API-KEI",
        "aip_key",
        "Authorisaton",
        "acces_token",
    ] {
        assert!(is_secret_header(secret, &[]), "{secret}");
    }
    for plain in [
        "Accept",
        "Host",
        "Server",
        "Content-Type",
        "COMPANY_ID",
        "X-Request-Id",
        "Te",
        "Trailer",
        "User-Agent",
    ] {
        assert!(!is_secret_header(plain, &[]), "{plain}");
    }
}

#[test]
fn secrets_are_known_in_one_case_and_by_their_variables() {
    for text in [
        r#"{"apikye":"CANARY"}"#,
        r#"{"REFRESHTOKEN":"CANARY","NEWPASSWORD":"CANARY","IDTOKEN":"CANARY"}"#,
        r#"{"refreshtoken":"CANARY","newpassword":"CANARY","oldpassword":"CANARY"}"#,
        "secretkey=CANARY&sessiontoken=CANARY&currentpassword=CANARY&userpassword=CANARY",
        r#"{"passwordConfirm":"CANARY","passwordconfirm":"CANARY","PASSWORDCONFIRMATION":"CANARY"}"#,
        r#"{"query":"mutation($v: String!){ login(password: $v){ id } }","variables":{"v":"CANARY"}}"#,
        r#"{"variables":{"v":"CANARY"},"query":"mutation($v: String!){ login(password:\n $v){ id } }"}"#,
        "query=mutation%28%24v%3AString%29%7Blogin%28password%3A%24v%29%7D&variables=%7B%22v%22%3A%22CANARY%22%7D",
        r#"{"query":"mutation($password:String=\"CANARY\"){ x }"}"#,
        r#"{"query":"mutation($password: String = \"CANARY\"){ x }"}"#,
        r#"{"query":"{ login(password #c\n : \"CANARY\") }"}"#,
        r#"{"hookUrll":"http://127.0.0.1:9/CANARY"}"#,
    ] {
        let masked = mask_text(text, &[]);
        assert!(!masked.contains("CANARY") && masked.contains(MASK), "{text}: {masked}");
    }
}

/// What a filter compares a secret field with, in every form; sentences that only speak of one are kept.
#[test]
fn what_a_secret_is_compared_with_is_one() {
    for text in [
        "$filter=password eq 'it''s CANARY' and Id eq 5",
        "$filter=password%20eq%20%27CANARY%27",
        "%24filter=Id+eq+5+and+password+ne+'CANARY'",
        "$filter=password eq CANARY",
        "$filter='CANARY' eq password",
        "$filter=contains(password,'CANARY') or substringof('CANARY', token)",
        "$filter=tolower(password) eq 'CANARY'",
        "$filter=pin_token in ('a','CANARY') and Id eq 5",
        r#"{"$filter":"password le 'CANARY'","n":1}"#,
        r#"{"where":"password <> 'CANARY'"}"#,
    ] {
        let masked = mask_text(text, &[]);
        assert!(!masked.contains("CANARY") && masked.contains(MASK), "{text}: {masked}");
        assert_eq!(masked.contains("Id"), text.contains("Id"), "{text}: {masked}");
    }
    for kept in [
        "le token ne correspond pas",
        "Id eq 5 and Name eq 'x'",
        "the token in use has expired",
        "$orderby=password,Id",
    ] {
        assert_eq!(mask_text(kept, &[]), kept);
    }
}

/// A secret that a name told is hidden wherever it stands, as it is and as in paths; words and numbers are not.
#[test]
fn a_known_secret_is_hidden_wherever_it_stands() {
    let known = Known::default();
    for secret in ["Bearer canary-1", "Basic dXNlcjpjYW5hcnkvMw==", "password", "12345678901234567"] {
        known.meet(secret);
    }
    known.give(["canary+2".to_owned(), "canary%2B2".to_owned()].into());
    let long = format!("{}canary-1", "x".repeat(5000));
    for text in ["/a/canary-1/b", "canary/3", "/canary%2F3", "/dXNlcjpjYW5hcnkvMw==", "canary%2B2", &long] {
        let hidden = known.hide(text);
        assert!(!hidden.contains("anary") && !hidden.contains("dXNl") && hidden.contains(MASK), "{hidden}");
    }
    for kept in ["password", "12345678901234567", "canary", ""] {
        assert_eq!(known.hide(kept), kept);
    }
    // The oldest go.
    (0..10_000).for_each(|number| known.meet(&format!("secret-number-{number}")));
    assert_eq!(known.hide("/a/canary-1/b"), "/a/canary-1/b");
    assert_eq!(known.hide("secret-number-9999"), MASK);
    assert_eq!(known.hide("canary+2"), MASK);
}
