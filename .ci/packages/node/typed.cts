import erpsatz = require("erpsatz");
import { test } from "erpsatz/jest";
export const x: Promise<erpsatz.Erpsatz> = erpsatz.start({ strict: true });
test("t", ({ erp }) => erp.url("weavy"));
