// Documents that are kept: valid ones of every shape, and one or more for each thing that can be wrong with one.
const doc = String.raw;

export const valid = [
  doc`{ erpEnrAPI { getTeams { id name } } }`,
  doc`query Folders($page: Int!, $size: Int!, $search: String, $filters: [FilterInput], $sort: [SortByInput]) {
  erpEnrAPI {
    getFolders(page: $page, itemParPage: $size, search: $search, filterColumns: $filters, sortBy: $sort) {
      totalCount
      results { id columns { id name value } }
    }
  }
}`,
  doc`{ erpEnrAPI { getFolders(page: 1, itemParPage: 10, search: "\"John Doe\" caf\u00e9", columns: ["col1", null],
  filterColumns: [{column: "commercial", operator: "=", value: ["user1", 2, 1.5e3, true, null, {a: X}]}],
  sortBy: [{column: "a", direction: "asc"}, {column: "b"}]) { totalCount results { ...Row } } } }
  fragment Row on Folder { id columns { ...Value } } fragment Value on FolderColumn { name value __typename }`,
  doc`query A($t: ID, $skip: Boolean = false) { erpEnrAPI { a: getUsers(teamId: $t) @skip(if: $skip) { id firstName }
  b: getUsers { ... @include(if: true) { email } ... on User { lastName @include(if: $skip) } } } }`,
  doc`mutation Upsert("who" $id: ID, $name: String = "x", $kind: ProspectTypeEnum, $power: Float, $gps: [String!]) {
  one: upsertProspect(id: $id, firstName: $name, type: $kind, puissanceKc: $power, gps: $gps) { id type gps }
  two: upsertProspect(type: MORAL, lastName: """
    a block
      of text """, puissanceKc: 3) { id puissanceKc } }`,
  doc`query Types { __schema { queryType { name } types { kind name fields(includeDeprecated: true) { name args { name } } } }
  __type(name: "User") { name ofType { name } } __typename }`,
  doc`query ($ids: [ID!]! = ["a", 1]) { erpEnrAPI { getValuesByIds(ids: $ids) { id values { id name label value } }
  same: getValuesByIds(ids: "one") { id } } }`,
  doc`query One { ...Root } query Two { ...Root } fragment Root on Query { erpEnrAPI { getTeams { id } } }`,
  doc`"described" query Q { __typename } """also""" fragment F on Query { __typename } query R { ...F }`,
];

export const broken = [
  '', ' # nothing', '{', '{}', '{ a(b: 01) }', '{ a(b: 1.) }', '{ a(b: 1e) }', '{ a(b: -) }', '{ a(b: 1a) }', '{ a(b: 0.0.1) }',
  '{ a(b: "x\n") }', '{ a(b: "x', '{ a(b: """x', '{ é }', "{ a(b: 'x') }", '{ a(b: "\\q") }', '{ a(b: "\\u12") }', '{ a(b: "\\u{110000}") }',
  '{ a(b: "\\u{}") }', '{ a(b: "\\u{12345678}") }', '{ a(b: "\\u{d800}") }', '{ a(b: "\\ud800") }', '{ a(b: "\\ud83d\\ude00") }', '{ a ? }', '{ .. }', '{ a(b: \u0007) }',
  'foo { a }', 'query', 'query { }', 'query Q( { a }', 'query Q($) { a }', 'query ($a) { a }', 'query ($a: ) { a }', 'query ($a: [Int) { a }', 'query ($a: Int = $b) { a }',
  'query ($a: Int = $) { a }', 'fragment on on Query { a }', 'fragment F Query { a }', '{ ... }', '{ ...on }', '{ ... on Query }', '{ a: }', '{ a(b) }', '{ a(b:) }', '{ a() }', '{ a(b: [1) }', '{ a(b: {c 1}) }',
  '"x" { a }', '"x" foo', '"x" extend type A { b: Int }', '"x" 1', 'type Q(', 'type Q { a }', 'type Q { a: Int', 'type Q', 'type 1', 'enum E { true }', 'enum E {}', 'union U = ', 'union U = A |', 'input I { a: }',
  'extend', 'extend query', 'extend type Q', 'extend type Q { a: Int }', 'extend schema', 'extend schema @a', 'extend directive @a', 'schema { a: B }', 'schema { query: Q }', 'schema', 'directive @a', 'directive @a on NOWHERE', 'directive a on FIELD',
  'directive @a(b: Int!) repeatable on FIELD | QUERY query @a @a { __typename @b }', 'scalar S scalar', 'interface I implements J & K { a(b: Nope = 3): [Nope] @nope } ', 'type T @deprecated @deprecated { a: Strin @skip(if: 1) } { __typename }',
  'query @skip(if: true) { __typename }', 'query ($a: T) { __typename } type T { a: Int }', 'input I { a: Int = {b: 1, b: 2} @deprecated @deprecated }',
  '{\r\n\n  bad }', '{ a\rb }', '\ufeff{ bad }', '{ erpEnrAPI { getUsers { firstNme } } }', '{ getTeams }', '{ erpEnrAPI }', '{ erpEnrAPI { getTeams { id { x } } } }', '{ __schema }', '{ __typename { x } }',
  '{ erpEnrAPI { getFolders(page: 1) { totalCount } } }', '{ erpEnrAPI { getColumns(page: 1, itemParPage: 1, search: "x") { id } } }', '{ erpEnrAPI { getColumns(page: 1, page: 2, page: 3, itemParPage: 1) { id } } }',
  '{ erpEnrAPI { getColumns(page: "1", itemParPage: 1.5) { id } } }', '{ erpEnrAPI { getColumns(page: 99999999999, itemParPage: null) { id } } }', '{ erpEnrAPI { getColumns(page: [1], itemParPage: {a: 1}) { id } } }', '{ erpEnrAPI { getColumns(page: ONE, itemParPage: true) { id } } }',
  'mutation { upsertProspect(type: MORALE) { id } }', 'mutation { upsertProspect(type: "MORAL") { id } }', 'mutation { upsertProspect(type: """MORAL""") { id } }', 'mutation { upsertProspect(type: [MORAL]) { id } }', 'mutation { upsertProspect(gps: [1, null, "a", A]) { id } }', 'mutation { upsertProspect(gps: {a: 1}) { id } }',
  'mutation { upsertProspect(firstName: "\u0007\\u0085 \\" \\\\ \\n", puissanceKc: "\u0007\\u0085 \\" \\\\ \\n") { id } }', 'mutation { upsertProspect(puissanceKc: """a\n  b\n""") { id } }', 'mutation { upsertProspect(puissanceKc: """  a""", id: """x\\""") { id } }', 'mutation { upsertProspect(id: 1.5, firstName: 3, puissanceKc: true) { id } }',
  '{ erpEnrAPI { getFolders(page: 1, itemParPage: 1, filterColumns: [{column: "a"}]) { totalCount } } }', '{ erpEnrAPI { getFolders(page: 1, itemParPage: 1, filterColumns: [{column: "a", operator: "=", values: 3, column: "b"}]) { totalCount } } }',
  '{ erpEnrAPI { getFolders(page: 1, itemParPage: 1, sortBy: "x", filterColumns: [3, "a", null, {}]) { totalCount } } }', '{ erpEnrAPI { getFolders(page: 1, itemParPage: 1, sortBy: {column: {a: 1, a: 2}}) { totalCount } } }',
  '{ getTeams { ...Nope } }', '{ erpEnrAPI { getTeams @foo { id } } }', 'query ($x: Int) { __typename @foo(a: $x, b: $y) }', 'query ($x: Int) { erpEnrAPI { getColumns(page: 1, itemParPage: 1) @foo(page: "1", itemParPage: $x) { id } } }',
  '{ __typename @skip }', '{ __typename @skip(if: 1, unless: 2, if: true) }', '{ __typename @skip(if: true) @skip(if: false) @skip(if: true) }', '{ __typename @deprecated @oneOf @specifiedBy(url: 3) @include(iff: true) }', 'query Q @include(if: true) { ...F @deprecated } fragment F on Query @skip(if: true) { __typename }',
  'fragment F on Team { id } { __typename }', 'fragment F on Nope { id } { ...F }', 'fragment F on Int { id } { ...F ... on String { x } ... on Nope { y } }', 'fragment F on FilterInput { column } { ...F }', 'fragment F on User { id } { ...F ... on Team { id } }', 'fragment F on Query { ...F } { ...F }', '{ ...A } fragment A on Query { ...B ...C } fragment B on Query { ...A } fragment C on Query { ...B ...A }',
  'fragment F on Query { __typename } fragment F on User { id } { ...F }', '{ a: __typename } { b: __typename }', 'query A { __typename } query A { __typename } query B { __typename }', 'query A { __typename } { __typename }', 'subscription { x }', 'subscription S($a: Nope) { x(a: $a) ... on Nope { y } }',
  '{ erpEnrAPI { a: getTeams { id } a: getUsers { id } } }', '{ erpEnrAPI { getTeams { a: id a: name } getTeams { a: name } } }', '{ erpEnrAPI { a: getUsers(teamId: "1") { id } a: getUsers(teamId: 1) { id } a: getUsers { id } } }', '{ erpEnrAPI { getTeams { ...A ...B } } } fragment A on Team { x: id ...C } fragment B on Team { x: name } fragment C on Team { x: color }',
  '{ erpEnrAPI { ... { a: getTeams { x: id } } ... on ErpEnrAPI { a: getTeams { x: name y: id } a: getTeams { y: color } } } }', '{ erpEnrAPI { a: getFolders(page: 1, itemParPage: 1, filterColumns: [{column: "a", operator: "b"}]) { totalCount } a: getFolders(filterColumns: [{operator: "b", column: "a"}], itemParPage: 1, page: 1) { totalCount } } }', '{ a: erpEnrAPI { getTeams { id } } a: __typename }', '{ erpEnrAPI { ... on User { a: id } ... on Team { a: name } } }',
  'query Q($x: Int) { __typename }', 'query ($x: Int, $x: String, $x: ID) { a(b: $x) }', 'query ($x: Int) { erpEnrAPI { getColumns(page: $x, itemParPage: $y) { id } } }', 'query ($x: Int = 1, $y: Int = null) { erpEnrAPI { getColumns(page: $x, itemParPage: $y) { id } } }', 'query ($x: User, $y: [Team!], $z: Nope) { __typename }', 'query ($x: [Strin]) { __typename }', 'query ($x: Int = "a", $y: [ID!] = [1, null], $z: FilterInput = {column: 1, x: 2}) { __typename }', 'query ($x: Int @deprecated @foo) { __typename }',
  'query ($c: String, $v: FilterValue) { erpEnrAPI { getFolders(page: 1, itemParPage: 1, filterColumns: [{column: $c, operator: "=", value: $v}, $c]) { totalCount } } }', 'query A { ...F } query B($x: ID) { ...F } fragment F on Query { erpEnrAPI { getUsers(teamId: $x) { id } } }', 'query ($x: [ID]) { erpEnrAPI { getValuesByIds(ids: $x) { id } } }', 'query ($x: ID!) { erpEnrAPI { getValuesByIds(ids: [$x, $x]) { id } getUsers(teamId: [$x]) { id } } }',
  '{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }', '{ __type(name: "A") { ...F } } fragment F on __Type { fields { type { ...G } } } fragment G on __Type { inputFields { type { interfaces { name ...F } } } }', '{ __type { name } __schema { directives(includeDeprecated: null) { name } } }',
  `{ ${'nope '.repeat(120)} }`, `{ erpEnrAPI { ${Array.from({ length: 30 }, (_, n) => `a: getUsers(teamId: ${n}) { id }`).join(' ')} } }`,
];

// Variables for what `valid` declares: ones that fit, and ones that do not.
export const variables = [
  { page: 1, size: 10, search: null, filters: [{ column: 'a', operator: '=', value: [1] }], sort: { column: 'x' }, id: 7, name: 'n', kind: 'MORAL', power: 1.5, gps: 'x', ids: ['a'], t: '1' },
  { page: '1', size: 1.5, search: 3, filters: [{ column: null }, 3, { colum: 'x', operator: 1 }], sort: ['x', [{}]], id: 1.5, name: true, kind: 'MORALE', power: 'x', gps: [null, 1, { a: [[[1]]] }], ids: null, skip: 'yes', t: {} },
  { page: 99999999999, size: null, search: ['x'], filters: { a: { b: { c: {} } } }, sort: [[[]]], id: true, name: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], kind: 3, power: null, gps: {}, ids: [null, 1e21, 0.0000001, -0], skip: null },
];
