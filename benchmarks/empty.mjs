// What `import` costs when there is nothing to import.
