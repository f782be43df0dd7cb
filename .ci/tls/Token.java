// A token of Comarch XT by java.net.http, which trusts what javax.net.ssl.trustStore names. With PROXY_USER it answers a proxy that
// asks for credentials; a client with an Authenticator waits to be asked by the server too.

import java.net.Authenticator;
import java.net.PasswordAuthentication;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Base64;

public class Token {
    public static void main(String[] arguments) throws Exception {
        String base = System.getenv().getOrDefault("BASE", "https://app.erpxt.de");
        String user = System.getenv("PROXY_USER");
        HttpClient.Builder client = HttpClient.newBuilder();
        if (user != null) {
            client.authenticator(new Authenticator() {
                @Override
                protected PasswordAuthentication getPasswordAuthentication() {
                    boolean isProxy = getRequestorType() == RequestorType.PROXY;
                    return isProxy
                        ? new PasswordAuthentication(user, "x".toCharArray())
                        : new PasswordAuthentication("demo-client", "demo-secret".toCharArray());
                }
            });
        }
        String basic = Base64.getEncoder().encodeToString("demo-client:demo-secret".getBytes());
        HttpRequest request = HttpRequest.newBuilder(URI.create(base + "/api2/public/token"))
            .header("Authorization", "Basic " + basic)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString("grant_type=client_credentials"))
            .build();
        HttpResponse<String> answer = client.build().send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200 || !answer.body().contains("access_token")) {
            throw new IllegalStateException(answer.statusCode() + ": " + answer.body());
        }
    }
}
