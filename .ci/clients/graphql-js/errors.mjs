// What graphql-js finds wrong with a request, as its execution would come to it: syntax, rules, operation, variables.
import { parse, validate } from 'graphql';
import { getVariableValues } from 'graphql/execution/values.js';

export function errorsOf(schema, { query, variables }) {
  let document;
  try {
    document = parse(query);
  } catch (error) {
    return [error];
  }
  const errors = validate(schema, document);
  if (errors.length) return errors;
  const operations = document.definitions.filter(({ kind }) => kind === 'OperationDefinition');
  if (!operations.length) return [{ message: 'Must provide an operation.' }];
  if (operations.length > 1) return [{ message: 'Must provide operation name if query contains multiple operations.' }];
  return getVariableValues(schema, operations[0].variableDefinitions, variables, { maxErrors: 50 }).errors ?? [];
}
