// From where does a user come? As of every system.

export { notePlace, stillKnown, turnOf } from "../../../security/known-places.ts";
