// SPDX-License-Identifier: MPL-2.0
// As much of JSON Schema as openapi.json uses.

const typeOf = value => value === null ? 'null' : Array.isArray(value) ? 'array'
    : Number.isInteger(value) ? 'integer' : typeof value;

/// What is wrong with a value, as sentences; none: it conforms.
export function conforms(schema, value, where = '$') {
    const type = typeOf(value);
    const types = [schema.type ?? type].flat();
    if (!types.includes(type) && !(type === 'integer' && types.includes('number')))
        return [`${where} is of type ${type}, not ${types}`];
    const faults = [];
    const expect = (isGood, text) => isGood || faults.push(`${where} ${text}`);
    if (schema.enum)
        expect(schema.enum.includes(value), `is none of ${schema.enum}`);
    if (type === 'string') {
        expect(value.length <= (schema.maxLength ?? Infinity), 'is too long');
        expect(value.length >= (schema.minLength ?? 0), 'is too short');
        expect(!schema.pattern || new RegExp(schema.pattern).test(value), `is not ${schema.pattern}`);
        expect(schema.format !== 'date-time'
               || /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value), 'is not a time in UTC');
    }
    if (type === 'integer' || type === 'number') {
        expect(value >= (schema.minimum ?? -Infinity), 'is too small');
        expect(value <= (schema.maximum ?? Infinity), 'is too large');
    }
    if (type === 'array')
        value.forEach((item, i) => faults.push(...conforms(schema.items ?? {}, item, `${where}[${i}]`)));
    if (type === 'object') {
        for (const name of schema.required ?? [])
            expect(name in value, `lacks ${name}`);
        for (const [name, member] of Object.entries(value)) {
            const inner = schema.properties?.[name] ?? schema.additionalProperties ?? {};
            if (inner === false)
                faults.push(`${where} has ${name}, which is not described`);
            else
                faults.push(...conforms(inner === true ? {} : inner, member, `${where}.${name}`));
        }
    }
    return faults;
}
