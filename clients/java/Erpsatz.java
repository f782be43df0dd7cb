import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.ProxySelector;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Simulated ERP servers for tests: copy this file into a project. It needs Java 11 and nothing else; the binary is the one
 * that ERPSATZ_BIN names, or the one on PATH.
 *
 * <p>JSON goes in and comes out as text, for whatever library the project has.
 */
public final class Erpsatz implements AutoCloseable {
    private static final Duration START = Duration.ofMinutes(2);
    private static final String ID_HEADER = "Erpsatz-Sandbox-Id";

    private final HttpClient http;
    private final String controlUrl;
    private final String token;
    private final Map<String, String> urls;
    private final Process process;

    private Erpsatz(String controlUrl, String token, Map<String, String> urls, Process process) {
        // A proxy of the user's does not reach what is on this machine.
        this.http = HttpClient.newBuilder().proxy(ProxySelector.of(null)).version(HttpClient.Version.HTTP_1_1).build();
        this.controlUrl = controlUrl.replaceAll("/+$", "");
        this.token = token;
        this.urls = urls;
        this.process = process;
    }

    /** Starts a server of its own on free ports, with options of {@code erpsatz serve}. It ends with this process. */
    public static Erpsatz start(String... options) {
        String named = System.getenv("ERPSATZ_BIN");
        List<String> line = new ArrayList<>(List.of(named == null ? "erpsatz" : named, "serve", "--until-eof", "--json"));
        line.addAll(List.of("--random-ports", "--control-port=0"));
        line.addAll(List.of(options));
        try {
            // Its stdin is ours: when this process ends, however, it ends too.
            Process process = new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.INHERIT).start();
            Thread late = new Thread(() -> endWhenLate(process));
            late.setDaemon(true);
            late.start();
            InputStream said = process.getInputStream();
            String ready = new BufferedReader(new InputStreamReader(said, StandardCharsets.UTF_8)).readLine();
            late.interrupt();
            if (ready == null) {
                throw new IllegalStateException("erpsatz did not start; stderr says why");
            }
            Map<String, String> urls = new LinkedHashMap<>();
            Matcher server = Pattern.compile("\"([a-z0-9-]+)\":\\{\"url\":\"([^\"]+)\"").matcher(ready);
            while (server.find()) {
                urls.put(server.group(1), server.group(2));
            }
            String token = text(ready, "control_token");
            return new Erpsatz(text(ready, "control"), token == null ? System.getenv("ERPSATZ_CONTROL_TOKEN") : token, urls, process);
        } catch (IOException why) {
            throw new UncheckedIOException("erpsatz cannot be started: name the binary in ERPSATZ_BIN", why);
        }
    }

    private static void endWhenLate(Process process) {
        try {
            Thread.sleep(START.toMillis());
            process.destroyForcibly();
        } catch (InterruptedException inTime) {
            // It is ready.
        }
    }

    /** One that runs already; its servers are at the host of the control API, each at its own port. */
    public static Erpsatz attach(String controlUrl) {
        return attach(controlUrl, System.getenv("ERPSATZ_CONTROL_TOKEN"), Map.of());
    }

    /** The same beyond loopback, with the token that it asks for, and with servers that are elsewhere by slug. */
    public static Erpsatz attach(String controlUrl, String token, Map<String, String> elsewhere) {
        Map<String, String> urls = new LinkedHashMap<>();
        Erpsatz attached = new Erpsatz(controlUrl, token, urls, null);
        URI control = URI.create(controlUrl);
        Matcher server = Pattern.compile("\"slug\":\"([^\"]+)\".*?\"port\":(\\d+)").matcher(attached.call("GET", "/servers", null));
        while (server.find()) {
            String slug = server.group(1);
            String given = System.getenv("ERPSATZ_" + slug.toUpperCase().replace('-', '_') + "_URL");
            String beside = "http://" + control.getHost() + ":" + server.group(2);
            urls.put(slug, elsewhere.getOrDefault(slug, given == null ? beside : given));
        }
        return attached;
    }

    /** The one of ERPSATZ_CONTROL_URL, or one that is started. */
    public static Erpsatz startOrAttach(String... options) {
        String url = System.getenv("ERPSATZ_CONTROL_URL");
        return url == null ? start(options) : attach(url);
    }

    /** Where the control API and the console are. */
    public String controlUrl() {
        return controlUrl;
    }

    /** Scheme, host and port of a server: its sandbox {@code default}. */
    public String url(String slug) {
        if (!urls.containsKey(slug)) {
            throw new IllegalArgumentException("no server `" + slug + "` runs here, there are: " + urls.keySet());
        }
        return urls.get(slug);
    }

    /** A sandbox of its own, with the scenario that the server was started with. */
    public Sandbox sandbox() {
        return sandbox("{}");
    }

    /** A sandbox as JSON describes it: {@code {"name"?,"scenario"?,"seed"?,"fail_on"?}}; a scenario is a known name or a whole one. */
    public Sandbox sandbox(String wish) {
        String made = call("POST", "/sandboxes", wish);
        return new Sandbox(text(made, "name"), text(made, "id"));
    }

    /** A call of the control API: the text of its answer. */
    public String call(String method, String path, String body) {
        return call(method, path, body, null);
    }

    private String call(String method, String path, String body, String id) {
        BodyPublisher sent = body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body);
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(controlUrl + path)).method(method, sent);
        request.header("Content-Type", "application/json").timeout(Duration.ofMinutes(1));
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        if (id != null) {
            request.header(ID_HEADER, id);
        }
        HttpResponse<String> answer = send(request.build());
        if (answer.statusCode() >= 300) {
            throw new ControlException(answer.statusCode(), answer.body());
        }
        return answer.body();
    }

    private HttpResponse<String> send(HttpRequest request) {
        try {
            return http.send(request, BodyHandlers.ofString());
        } catch (IOException why) {
            throw new UncheckedIOException("nothing answers at " + request.uri(), why);
        } catch (InterruptedException why) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(why);
        }
    }

    /** Ends what was started; what was attached to goes on. */
    @Override
    public void close() {
        if (process == null) {
            return;
        }
        try {
            process.getOutputStream().close();
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException gone) {
            process.destroyForcibly();
        } catch (InterruptedException why) {
            Thread.currentThread().interrupt();
        }
    }

    /** The first text member of that name, as the control API writes JSON; null where there is none. */
    private static String text(String json, String name) {
        Matcher member = Pattern.compile("\"" + name + "\":\"((?:[^\"\\\\]|\\\\.)*)\"").matcher(json);
        return member.find() ? member.group(1) : null;
    }

    private static String segment(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** What an HTTP Basic header says. */
    public static String basic(String user, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    /** The control API refused; the message is its own. */
    public static final class ControlException extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final int status;
        private final String code;

        ControlException(int status, String body) {
            super(text(body, "message") + " (" + status + " " + text(body, "code") + ")");
            this.status = status;
            this.code = String.valueOf(text(body, "code"));
        }

        /** What programs tell errors by. */
        public String code() {
            return code;
        }

        public int status() {
            return status;
        }
    }

    /** The sandbox is gone, and with it what the test did in it: it was deleted or evicted, or its replica went. */
    public static final class SandboxLostException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        SandboxLostException(String name, String why) {
            super("the sandbox was lost: " + name + ": " + why);
        }
    }

    /** One isolated world; closing removes it. */
    public final class Sandbox implements AutoCloseable {
        private final String name;
        private final String id;

        private Sandbox(String name, String id) {
            this.name = name;
            this.id = id;
        }

        public String name() {
            return name;
        }

        /** Which sandbox of its name it is: one that is made anew has another. */
        public String id() {
            return id;
        }

        /** Where a server is for this sandbox, by prefix: {@code http://127.0.0.1:8083/~t42}. */
        public String url(String slug) {
            return Erpsatz.this.url(slug) + "/~" + name;
        }

        /** A request to a path of a server in this sandbox, to be added to and sent. It says which sandbox it means. */
        public HttpRequest.Builder request(String slug, String path) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url(slug) + "/" + path.replaceAll("^/+", "")));
            return id == null ? request : request.header(ID_HEADER, id);
        }

        /** Sends a request and reads the answer as text; an answer of another sandbox of the name is none. */
        public HttpResponse<String> send(HttpRequest.Builder request) {
            HttpResponse<String> answer = Erpsatz.this.send(request.build());
            String answered = answer.headers().firstValue(ID_HEADER).orElse(id);
            if (id != null && !id.equals(answered)) {
                throw new SandboxLostException(name, "another of its name answered");
            }
            return answer;
        }

        /** A call of the control API on this sandbox: the text of its answer. */
        public String call(String method, String path, String body) {
            try {
                return Erpsatz.this.call(method, "/sandboxes/" + name + path, body, id);
            } catch (ControlException refused) {
                if (refused.code().equals("sandbox_lost")) {
                    throw new SandboxLostException(name, "another of its name answered");
                }
                if (refused.code().equals("unknown_sandbox")) {
                    throw new SandboxLostException(name, "there is none of that name");
                }
                throw refused;
            }
        }

        public Instant now() {
            return Instant.parse(text(call("GET", "/clock", null), "now"));
        }

        /** Moves simulated time on; what falls due has happened then. */
        public Instant advance(Duration by) {
            return Instant.parse(text(call("PATCH", "/clock", "{\"advance\":\"" + by + "\"}"), "now"));
        }

        public Instant set(Instant at) {
            return Instant.parse(text(call("PATCH", "/clock", "{\"set\":\"" + at + "\"}"), "now"));
        }

        public void freeze() {
            call("PATCH", "/clock", "{\"frozen\":true}");
        }

        public void resume() {
            call("PATCH", "/clock", "{\"frozen\":false}");
        }

        /** Adds a fault rule as in a scenario file: its id. */
        public String addFault(String rule) {
            return text(call("POST", "/faults", rule), "id");
        }

        public String faults() {
            return call("GET", "/faults", null);
        }

        public void removeFault(String id) {
            call("DELETE", "/faults/" + segment(id), null);
        }

        public void clearFaults() {
            call("DELETE", "/faults", null);
        }

        /** The records of an entity: {@code {"items","total"}}. */
        public String records(String slug, String entity) {
            return call("GET", "/data/" + slug + "/" + segment(entity), null);
        }

        public String record(String slug, String entity, String key) {
            return call("GET", "/data/" + slug + "/" + segment(entity) + "/" + segment(key), null);
        }

        public String addRecord(String slug, String entity, String record) {
            return call("POST", "/data/" + slug + "/" + segment(entity), record);
        }

        public String putRecord(String slug, String entity, String key, String record) {
            return call("PUT", "/data/" + slug + "/" + segment(entity) + "/" + segment(key), record);
        }

        public void deleteRecord(String slug, String entity, String key) {
            call("DELETE", "/data/" + slug + "/" + segment(entity) + "/" + segment(key), null);
        }

        /** What a person would do inside the ERP: what changed. */
        public String act(String slug, String action, String parameters) {
            return call("POST", "/actions/" + slug + "/" + segment(action), parameters);
        }

        /** What happened, oldest first. */
        public String journal() {
            return call("GET", "/journal", null);
        }

        /** Adds an expectation as in a scenario file, or a list of them. */
        public String expect(String expectation) {
            return call("POST", "/expectations", expectation);
        }

        /** Judges an expectation at once: {@code {"met","count","nearest"}}. */
        public String verify(String expectation) {
            return call("POST", "/verify", expectation);
        }

        public String report() {
            return call("GET", "/report", null);
        }

        /** Whether something of what fails the sandbox has happened. */
        public boolean failed() {
            return report().contains("\"failed\":true");
        }

        /** Throws an AssertionError with the judge's block when the sandbox has failed; for the end of a test. */
        public void assertPassed() {
            boolean failed = failed();
            String block = call("GET", "/report?format=text", null);
            call("POST", "/judged", null);
            if (failed) {
                throw new AssertionError(block);
            }
        }

        public String settings(String slug) {
            return call("GET", "/settings/" + slug, null);
        }

        public String changeSettings(String slug, String changes) {
            return call("PATCH", "/settings/" + slug, changes);
        }

        public void reset() {
            call("POST", "/reset", null);
        }

        public void snapshot(String id) {
            call("PUT", "/snapshots/" + segment(id), null);
        }

        public void restore(String id) {
            call("POST", "/snapshots/" + segment(id) + "/restore", null);
        }

        /** Loads another scenario, as JSON; {@code {"name":"…"}} alone is a known one. */
        public void load(String scenario) {
            call("PUT", "/scenario", scenario);
        }

        public void delete() {
            call("DELETE", "", null);
        }

        @Override
        public void close() {
            delete();
        }
    }
}
