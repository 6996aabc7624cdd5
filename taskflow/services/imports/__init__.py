"""From an uploaded file to committed tasks (DESIGN.md 5, "Import → review → commit").

``uploads`` keeps the bytes and begins a job, ``reading`` has it read in a process of its own, ``filling`` writes what
was read as rows, ``unit_names`` says which units are meant, ``checks`` what must still be decided, ``editing`` is the
reviewer's hand, ``statement`` accounts for every source row, ``commit`` makes the tasks, ``undoing`` takes them back,
``comparing`` and ``applying`` bring changes of an amended document or of an edited export to existing tasks,
``relation`` says whether a document amends or replaces the earlier one and what follows for its tasks, ``freshness``
looks before the commit whether a task was changed meanwhile, ``origin`` leads from a task back to its row.
"""
