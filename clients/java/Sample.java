import java.time.Duration;

/** A test as any framework would have it: one server for all, one sandbox for each, judged at its end. */
public class Sample {
    public static void main(String[] arguments) {
        try (Erpsatz erpsatz = Erpsatz.startOrAttach(); Erpsatz.Sandbox erp = erpsatz.sandbox()) {
            erp.expect("{\"request\":{\"server\":\"onlineerp\",\"method\":\"GET\"},\"times\":{\"exactly\":2}}");
            erp.addFault("{\"server\":\"onlineerp\",\"when\":{\"nth\":1},\"then\":{\"status\":503}}");

            // Here the client under test goes, with erp.url("onlineerp") as its base URL.
            int first = products(erp);
            erp.advance(Duration.ofSeconds(30));
            int second = products(erp);

            erp.assertPassed();
            System.out.println("answered " + first + ", then " + second);
            lost(erpsatz);
        }
    }

    /** A sandbox that is gone (deleted, evicted, on a machine that went) is told from a defect of the client. */
    private static void lost(Erpsatz erpsatz) {
        Erpsatz.Sandbox gone = erpsatz.sandbox();
        erpsatz.call("DELETE", "/sandboxes/" + gone.name(), null);
        try {
            products(gone);
            throw new AssertionError("another sandbox of the name answered");
        } catch (Erpsatz.SandboxLostException lost) {
            System.out.println(lost.getMessage());
        }
    }

    private static int products(Erpsatz.Sandbox erp) {
        var request = erp.request("onlineerp", "/api/Entity/Product?$top=3");
        request.header("Authorization", Erpsatz.basic("DEMO-LICENCE", "demo-secret")).header("COMPANY_ID", "0");
        return erp.send(request).statusCode();
    }
}
