"use strict";

/**
 * Validates user data
 *
 * @onex:function
 * @param {Object} userData the data
 * @param {string} [correlationId=none]
 * @returns {boolean}
 * @throws {Error} USER_DATA_INVALID when it is
 * @error VALIDATION_FAILED
 * @side_effect logs
 */
export async function validateUserData({ id, name }, correlationId = f(1, ",")) {
  return true;
}

/** Not a tool. */
const regular = (a, ...rest) => a;

// @onex_function
// Process an API response
exports.processApiResponse = async function* (response, { deep = 1 } = {}) {};

/** @onex:function */
const nothing = 5;

export default class Shop extends mixin(Base, { x: 1 }) {
  static #count = 0;
  handler = async (event) => {
    const inner = x => x
  }
  /** @onex:function Prices an order */
  @decorated({ deep: { a: 1 } })
  static async price(order) { return `${order.map(function each(o) { return o })}` }
  get total() { return 1 } set total(v) {}
  #secret() {}
  *[Symbol.iterator]() {}
  "quoted name"() {}
  static { const inStatic = () => 1; }
  constructor() { super(); }
}

module.exports = {
  short(a) {},
  long: function (b) {},
  arrow: (c) => c,
  async *gen() {},
  get value() { return 1 },
  nested: { deep() {} },
  regular,
  [computed]: () => {},
  1: () => {},
};
