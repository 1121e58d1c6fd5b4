/** Software credentials for tests that cross rooms. */
export * from "@quorate/authority/testing";
