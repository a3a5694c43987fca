// Public types of @ringmain/testkit. Written by `npm run api`; do not edit.

// ---- @ringmain/testkit ----
