#!/usr/bin/env node
var a = "function no() {", b = 'it\'s', c = `function no() { ${(function yes1() { return `${"}"}` })()} }`;
var re = /[/"'`{]function no() {/g, d = a / b / c, e = (a) / 2, f = x++ / 2 / g;
if (a) /function no() {/.test(b); else /"/.exec(c)
// function no() {
/* function no() { */
label: for (;;) { break label }
switch (a) { case b: { function inCase() {} } default: { } }
const g = cond ? (a) : (b), h = cond ? { no: 1, yes2() {} } : {};
foo(function () {}, () => {}, async () => {}, function named() {});
a.b.c = function () {};
a["no"] = function () {};
let i = j = k => l => m;
const obj = { if() {}, function: () => 1, async() {}, get() {}, static: function own() {}, get: 1 };
new Foo().catch(e => {}).finally(() => { });
function defaults(a = function inner() {}, { b = () => 1 } = {}) {}
return_ = a => ({ no: a })
async function* gen() { for await (const x of /"/ ) yield /'/ }
!function () { }();
const $ = jQuery, _ñ = () => $;
x = a
/b/g.c
function afterAll() {}
